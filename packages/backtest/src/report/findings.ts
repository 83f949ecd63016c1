/** What a run found, in sentences: the answer, what it is worth, and what stands against it. Counts only; every figure is the engine's. */
import { formatCount, formatMoney, formatParams, formatReturn, formatShare } from './page/format.js';
import { toReportScopes, type ReportScope } from './scopes.ts';
import { toFittedText } from './terminal-text.ts';
import { CALLER_EXCLUSION_WORDS, RANKING_LABEL, toReasonLabel } from './words.ts';
import type { V1BaselineOutcome } from '../v1-baseline/outcome.ts';

export interface Finding {
  /** `alarm` belongs before the answer, `caution` beside it, `note` after it. */
  readonly weight: 'alarm' | 'caution' | 'note';
  readonly text: string;
}

/** Below this many trades a result says little about the next calls. A reading aid, not a statistical test. */
const FEW_TRADES = 30;

/** Columns that a name may take inside a sentence. */
const LONGEST_NAME = 32;

/** What was asked, in one sentence. */
export function toQuestion(outcome: V1BaselineOutcome): string {
  const capital = formatMoney(outcome.simulator_config.initial_capital);
  const asked = `Which target, stop and holding time would have made the most of ${capital}`;
  switch (outcome.mode) {
    case 'optimize':
      return `${asked} on all calls together?`;
    case 'per-caller':
      return `${asked} for each caller alone?`;
    case 'grouped':
      return `${asked} for a group of callers who share it?`;
    case 'both':
      return `${asked} for each caller alone, and for the good ones together?`;
    case 'rank':
      return 'Which target, stop and holding time had the best trades, each on its own, capital ignored?';
  }
}

/** The answer in one or two sentences. */
export function toAnswer(outcome: V1BaselineOutcome): string {
  if (outcome.ranking !== null) return toRankingAnswer(outcome.ranking);
  if (outcome.optimize !== null) return toSearchAnswer(outcome);
  return [toCallersAnswer(outcome), outcome.grouped === null ? toBestCallerAnswer(outcome) : toGroupAnswer(outcome)]
    .filter(Boolean)
    .join(' ');
}

export function countProfitableCallers(outcome: V1BaselineOutcome): number {
  return (outcome.per_caller ?? []).filter((caller) => caller.best_final_capital > outcome.simulator_config.initial_capital).length;
}

/** The scope the report opens with: the group, the whole, or the caller that earned most. */
export function findMainScope(outcome: V1BaselineOutcome): ReportScope | undefined {
  const scopes = toReportScopes(outcome);
  if (scopes[0]?.kind !== 'caller') return scopes[0];
  const traded = scopes.filter(({ tradesExecuted }) => tradesExecuted > 0);
  return traded.length === 0 ? scopes[0] : traded.reduce((best, scope) => (scope.finalCapital > best.finalCapital ? scope : best));
}

function toSearchAnswer(outcome: V1BaselineOutcome): string {
  const scope = findMainScope(outcome);
  if (scope === undefined || scope.tradesExecuted === 0) return 'Not one call could be traded, so no settings are better than others.';
  const combinations = formatCount(outcome.optimize?.params_evaluated ?? 0);
  return `The best of ${combinations} combinations is ${formatParams(scope.params)} (target / stop / hold): ${toCapitalStory(outcome, scope)}.`;
}

function toRankingAnswer({ ranked, params_evaluated: combinations, trades }: NonNullable<V1BaselineOutcome['ranking']>): string {
  const best = ranked[0];
  if (best === undefined) return 'Nothing was ranked.';
  return `Each trade on its own, capital ignored: of ${formatCount(combinations)} combinations ${formatParams(best.params)} (target / stop / hold) ranks first, with ${formatReturn(best.expectancy)} a trade after costs over ${formatCount(trades)} ${plural(trades, 'trade')}.`;
}

function toCallersAnswer(outcome: V1BaselineOutcome): string {
  const total = outcome.per_caller?.length ?? 0;
  if (total === 0) return 'No caller was left to be judged.';
  const profitable = countProfitableCallers(outcome);
  if (total === 1) return `The only caller ${profitable === 1 ? 'earned' : 'earned no'} money with the best settings.`;
  return `Of ${formatCount(total)} callers, ${profitable === 0 ? 'none' : formatCount(profitable)} earned money alone with ${profitable === 1 ? 'its' : 'their'} best settings.`;
}

function toBestCallerAnswer(outcome: V1BaselineOutcome): string {
  const scope = findMainScope(outcome);
  if (scope === undefined || scope.tradesExecuted === 0) return 'Not one call could be traded.';
  const who =
    outcome.per_caller?.length === 1
      ? `With ${formatParams(scope.params)}`
      : `The best, ${toFittedText(scope.name, LONGEST_NAME)}, with ${formatParams(scope.params)}`;
  return `${who} (target / stop / hold): ${toCapitalStory(outcome, scope)}.`;
}

function toGroupAnswer(outcome: V1BaselineOutcome): string {
  const scope = findMainScope(outcome);
  if (scope?.kind !== 'group') return `No caller passed the filters, so nothing was traded together${toExclusionCounts(outcome)}.`;
  const members = outcome.grouped?.selected_callers.length ?? 0;
  const who =
    members === 1
      ? 'The one that passed the filters'
      : `The ${formatCount(members)} that passed the filters, traded together on one capital`;
  return `${who}: ${toCapitalStory(outcome, scope)}.`;
}

function toCapitalStory(outcome: V1BaselineOutcome, scope: ReportScope): string {
  const start = formatMoney(outcome.simulator_config.initial_capital);
  const drawdown = scope.result === null ? '' : `, deepest drawdown ${formatShare(scope.result.max_drawdown)}`;
  return `${start} became ${formatMoney(scope.finalCapital)} (${formatReturn(scope.totalReturn)}) in ${formatCount(scope.tradesExecuted)} ${plural(scope.tradesExecuted, 'trade')}${drawdown}`;
}

function toExclusionCounts({ grouped }: V1BaselineOutcome): string {
  const counts = Object.entries(CALLER_EXCLUSION_WORDS).flatMap(([reason, { label }]) => {
    const count =
      grouped?.excluded_callers.filter(({ reasons }) =>
        reasons.includes('no_trades') ? reason === 'no_trades' : reasons.some((each) => each === reason),
      ).length ?? 0;
    return count === 0 ? [] : [`${formatCount(count)} ${label}`];
  });
  return counts.length === 0 ? '' : `: ${counts.join(', ')}`;
}

/** What must be known before the answer is believed, heaviest first. */
export function toFindings(outcome: V1BaselineOutcome): readonly Finding[] {
  const findings = [
    toCoverageFinding(outcome),
    toFewTradesFinding(outcome),
    toRankingFinding(outcome),
    toInSampleFinding(outcome),
    toPartialFinding(outcome),
    toAmbiguityFinding(outcome),
    toMinCallsFinding(outcome),
  ];
  const order = { alarm: 0, caution: 1, note: 2 };
  return findings.filter((finding) => finding !== undefined).sort((a, b) => order[a.weight] - order[b.weight]);
}

function toCoverageFinding({ data }: V1BaselineOutcome): Finding | undefined {
  if (data.calls_excluded === 0) return undefined;
  const isMost = data.calls_excluded * 2 > data.calls_found;
  const reasons = countBy(data.excluded.map(({ reason }) => reason));
  const onlyReason = reasons.length === 1 ? reasons[0]?.[0] : undefined;
  const lacks =
    onlyReason === 'no_candles'
      ? 'no candles'
      : `no usable candles (${reasons.map(([reason, count]) => `${formatCount(count)} ${toReasonLabel(reason)}`).join(', ')})`;
  const verb = data.calls_excluded === 1 ? 'has' : 'have';
  const rest = `the other ${formatCount(data.calls_used)}`;
  return {
    weight: isMost ? 'alarm' : 'caution',
    text: `${formatCount(data.calls_excluded)} of ${formatCount(data.calls_found)} calls ${verb} ${lacks} and could not be judged. ${isMost ? `Everything below describes only ${rest}; it says nothing about the callers as a whole.` : `Figures describe ${rest}.`}`,
  };
}

function toFewTradesFinding(outcome: V1BaselineOutcome): Finding | undefined {
  const scope = findMainScope(outcome);
  if (scope === undefined || scope.tradesExecuted === 0 || scope.tradesExecuted >= FEW_TRADES) return undefined;
  return {
    weight: 'caution',
    text: `${scope.kind === 'caller' ? 'The best result' : 'The result'} rests on ${formatCount(scope.tradesExecuted)} ${plural(scope.tradesExecuted, 'trade')}: too few to tell skill from luck.`,
  };
}

function toRankingFinding({ ranking }: V1BaselineOutcome): Finding | undefined {
  if (ranking === null) return undefined;
  return {
    weight: 'caution',
    text: `${RANKING_LABEL}: this is not what an account would have made. Sizes, free cash and the number of open positions are not looked at; search the best settings again with --mode optimize.`,
  };
}

function toInSampleFinding(outcome: V1BaselineOutcome): Finding {
  const combinations = (outcome.ranking ?? outcome.optimize)?.params_evaluated ?? outcome.per_caller?.[0]?.params_evaluated ?? 0;
  if (combinations === 1) {
    const selection = outcome.grouped === null ? '' : ', but the callers of the group were';
    return {
      weight: outcome.grouped === null ? 'note' : 'caution',
      text: `Only one combination was tried, so the settings were not chosen by their result${selection}.`,
    };
  }
  const whose = outcome.per_caller === null ? '' : ' for each caller';
  const selection = outcome.grouped === null ? '' : ', and the group was chosen by these results';
  return {
    weight: 'caution',
    text: `In-sample: parameters were chosen on the same data that they are judged on, as the best of ${formatCount(combinations)} combinations${whose}${selection}. Expect less from calls that are still to come.`,
  };
}

function toPartialFinding({ data }: V1BaselineOutcome): Finding | undefined {
  if (data.calls_partial === 0) return undefined;
  return {
    weight: 'note',
    text: `${formatCount(data.calls_partial)} of ${formatCount(data.calls_found)} calls have candles for only part of the longest holding time. Where the candles end first, the position is closed at the last close.`,
  };
}

function toAmbiguityFinding(outcome: V1BaselineOutcome): Finding | undefined {
  const result = findMainScope(outcome)?.result;
  if (!result || result.trades_executed === 0) return undefined;
  if (result.ambiguous_exits === 0)
    return { weight: 'note', text: 'No exit happened on a candle that touched both stop and target: the intrabar rule decided nothing.' };
  const share = `${formatCount(result.ambiguous_exits)} of ${formatCount(result.trades_executed)} exits (${formatShare(result.ambiguous_exits / result.trades_executed)})`;
  const rule = outcome.simulator_config.intrabar === 'stop_first' ? 'the stop counts first' : 'the target counts first';
  return {
    weight: result.ambiguous_exits * 5 > result.trades_executed ? 'caution' : 'note',
    text: `${share} happened on a candle that touched both stop and target, where ${rule} (intrabar rule). Finer candles would decide them.`,
  };
}

function toMinCallsFinding({ data }: V1BaselineOutcome): Finding | undefined {
  const left = data.callers_below_min_calls.length;
  if (left === 0) return undefined;
  return {
    weight: 'note',
    text: `${formatCount(left)} ${plural(left, 'caller')} with fewer than ${formatCount(data.min_calls)} usable calls ${left === 1 ? 'was' : 'were'} left out.`,
  };
}

/** How often each value occurs, most frequent first, ties in order of appearance. */
export function countBy(values: readonly string[]): readonly (readonly [string, number])[] {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1]);
}

export function plural(count: number, noun: string): string {
  return count === 1 ? noun : `${noun}s`;
}
