/** What must be known before the best trial of a study is believed. Counts and comparisons only; every figure is the engine's. */
import type { Parameter, ParameterValue } from '@quantbot/core';
import type { Finding } from '../../report/findings.ts';
import { formatCount } from '../../report/page/format.js';
import { formatParameter } from '../page/figure-text.js';
import type { DashboardPage } from './dashboard-input.ts';

/** Below this many trades a result says little about the next ones. A reading aid, not a statistical test. */
const FEW_TRADES = 30;
/** A value this close to the end of its range, as a share of it, lies at the end. */
const AT_THE_END = 0.01;

/** Heaviest first. */
export function toStudyFindings(page: DashboardPage): readonly Finding[] {
  const findings = [
    toStateFinding(page),
    toAcceptanceFinding(page),
    toFailureFinding(page),
    toEndFinding(page),
    toFewTradesFinding(page),
    toHindsightFinding(page),
  ];
  const order = { alarm: 0, caution: 1, note: 2 };
  return findings.filter((finding) => finding !== undefined).sort((a, b) => order[a.weight] - order[b.weight]);
}

function toStateFinding({ study }: DashboardPage): Finding | undefined {
  if (study.state === 'complete') return undefined;
  const reason = study.reason === null ? '' : ` (${study.reason})`;
  return { weight: 'caution', text: `The study is ${study.state}${reason}: the search has not looked at everything it was asked to.` };
}

function toAcceptanceFinding({ summary: { counts, rejections } }: DashboardPage): Finding | undefined {
  if (counts.complete === 0 || counts.accepted > 0) return undefined;
  const [reason] = Object.keys(rejections);
  return {
    weight: 'alarm',
    text: `Not one of ${formatCount(counts.complete)} complete trials meets all criteria${reason === undefined ? '' : `; most fail ${reason}`}. What is called best below was rejected too.`,
  };
}

function toFailureFinding({ summary: { counts } }: DashboardPage): Finding | undefined {
  if (counts.failed === 0) return undefined;
  const isMuch = counts.failed * 10 > counts.recorded;
  return {
    weight: isMuch ? 'caution' : 'note',
    text: `${formatCount(counts.failed)} of ${formatCount(counts.recorded)} trials failed; their errors are listed below.`,
  };
}

/** An optimum at the end of a range may lie beyond it. */
function toEndFinding({ summary, spec }: DashboardPage): Finding | undefined {
  const best = summary.best_overall;
  if (best === null) return undefined;
  const atEnd = spec.space.parameters.filter((parameter) => isAtEnd(parameter, best.params[parameter.name]));
  if (atEnd.length === 0) return undefined;
  const names = atEnd.map(({ name }) => `${name} ${formatParameter(best.params[name])}`).join(', ');
  return { weight: 'caution', text: `The best trial lies at the end of what was searched (${names}): better values may lie beyond it.` };
}

function isAtEnd(parameter: Parameter, value: ParameterValue | undefined): boolean {
  if (typeof value !== 'number' || parameter.kind === 'categorical') return false;
  const low = parameter.kind === 'range' ? parameter.start : parameter.low;
  const high = parameter.kind === 'range' ? parameter.start + parameter.step * (parameter.count - 1) : parameter.high;
  const near = (high - low) * AT_THE_END;
  return high > low && (value - low <= near || high - value <= near);
}

function toFewTradesFinding({ summary }: DashboardPage): Finding | undefined {
  const trades = summary.best_overall?.metrics['trades'] ?? null;
  if (trades === null || trades >= FEW_TRADES) return undefined;
  return { weight: 'caution', text: `The best trial made ${formatCount(trades)} trades: too few to tell skill from luck.` };
}

function toHindsightFinding({ summary: { counts } }: DashboardPage): Finding | undefined {
  if (counts.complete < 2) return undefined;
  return {
    weight: 'note',
    text: `It was chosen with hindsight among ${formatCount(counts.complete)} trials on the same data. The more are tried, the better the best one looks by chance alone: judge it on data that the search has not seen.`,
  };
}
