/** What the run stood on: ranges, instruments, and how much of each call's horizon has candles. */
import type { V1BaselineOutcome } from '../../v1-baseline/outcome.ts';
import { countBy, plural } from '../findings.ts';
import { formatCount, formatShare, formatTime } from '../page/format.js';
import { toReasonLabel, toReasonMeaning } from '../words.ts';
import { renderFacts, type Fact } from './facts.ts';
import { html, nameMarkup, type Markup } from './markup.ts';

export function renderDataSection(outcome: V1BaselineOutcome): Markup {
  const { data } = outcome;
  return html`<section id="data">
    <h2>Data and coverage</h2>
    ${renderCoverageBar(data)} ${renderFacts(toFacts(outcome))}
    ${renderReasons(
      'Kept although candles are missing',
      data.partial.map(({ reason }) => reason),
    )}
    ${renderReasons(
      'Left out',
      data.excluded.map(({ reason }) => reason),
    )}
    ${renderBelowMinCalls(data)}
  </section>`;
}

type Data = V1BaselineOutcome['data'];

function toFacts({ data, filters }: V1BaselineOutcome): readonly Fact[] {
  return [
    ['Range asked for', toRangeText(data)],
    ['Calls from – to', `${formatTime(data.first_call_ms)} – ${formatTime(data.last_call_ms)} UTC`],
    ['Candles', `${formatCount(data.candles_used)} of ${data.interval}`],
    ['Instruments', formatCount(data.instruments_used)],
    ['Calls found / used', `${formatCount(data.calls_found)} / ${formatCount(data.calls_used)}`],
    ['Callers', filters.caller_groups.length === 0 ? 'all' : filters.caller_groups.join(', ')],
    ['Fewest calls per caller', formatCount(data.min_calls)],
  ];
}

function toRangeText({ from_ms, to_ms }: Data): string {
  const from = from_ms === null ? '' : `from ${formatTime(from_ms)} `;
  const to = to_ms === null ? '' : `to before ${formatTime(to_ms)} `;
  return from === '' && to === '' ? 'everything' : `${from}${to}UTC`;
}

const COVERAGE = [
  ['full', 'calls_full', 'whole horizon has candles'],
  ['partial', 'calls_partial', 'part of it'],
  ['none', 'calls_excluded', 'left out'],
] as const;

function renderCoverageBar(data: Data): Markup {
  const parts = COVERAGE.map(([name, field, words]) => ({ name, words, count: data[field] })).filter(({ count }) => count > 0);
  const total = parts.reduce((sum, { count }) => sum + count, 0);
  let start = 0;
  const bars = parts.map(({ name, count }) => {
    const width = (count / total) * 100;
    start += width;
    return html`<rect class="${name}" x="${start - width}" width="${width}" height="10" />`;
  });
  const legend = parts.map(
    ({ name, words, count }) =>
      html`<li class="${name}">${formatCount(count)} ${plural(count, 'call')} (${formatShare(count / total)}): ${words}</li>`,
  );
  return html`<svg class="coverage" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">${bars}</svg>
    <ul class="coverage-legend">
      ${legend}
    </ul>`;
}

function renderReasons(title: string, reasons: readonly string[]): Markup {
  if (reasons.length === 0) return html``;
  return html`<h3>${title}</h3>
    <dl class="reason-list">
      ${countBy(reasons).map(
        ([reason, count]) =>
          html`<div>
            <dt>${formatCount(count)} · ${toReasonLabel(reason)}</dt>
            <dd>${toReasonMeaning(reason)}</dd>
          </div>`,
      )}
    </dl>`;
}

/** Names beyond this many are counted, not listed; the files have them all. */
const LISTED_CALLERS = 40;

function renderBelowMinCalls(data: Data): Markup {
  const left = data.callers_below_min_calls;
  if (left.length === 0) return html``;
  const listed = left
    .slice(0, LISTED_CALLERS)
    .map(({ caller, calls }) => html`<li>${nameMarkup(caller)} <small>${formatCount(calls)}</small></li>`);
  const more = left.length > LISTED_CALLERS ? html`<li>and ${formatCount(left.length - LISTED_CALLERS)} more</li>` : null;
  return html`<h3>Callers with fewer than ${formatCount(data.min_calls)} usable calls</h3>
    <ul class="names">
      ${listed}${more}
    </ul>`;
}
