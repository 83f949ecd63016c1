/** What a backtest found, in sentences: the answer, and what must be known before it is believed. Counts only; figures are the engine's. */
import { toIntervalLabel } from '@quantbot/core';
import type { SeriesOrigin, ShownBacktest } from '../candle-backtest/outcome.ts';
import { plural, type Finding } from '../report/findings.ts';
import { formatCount, formatDate, formatMoney, formatReturn, formatShare } from '../report/page/format.js';
import { readFigure } from './figures.ts';

/** From this share of fills decided by assumption on the engine's notes say so. */
const MANY_AMBIGUOUS = 0.05;
const LISTED_SYMBOLS = 4;

/** `donchian_regime on EURUSD, 1h candles, 2024-01-01 to 2024-12-31`. */
export function toSubject({ request, result, series }: ShownBacktest): string {
  const names = series.map(({ symbol }) => symbol);
  const listed = names.slice(0, LISTED_SYMBOLS).join(', ');
  const more = names.length > LISTED_SYMBOLS ? ` and ${formatCount(names.length - LISTED_SYMBOLS)} more` : '';
  return `${result.strategy} on ${listed}${more}, ${toIntervalLabel(request.intervalS)} candles${toRange(result.curve.ts_ms)}`;
}

/** The last mark is the end of a candle, at midnight the first moment of the next day. */
function toRange(marks: readonly number[]): string {
  const [first, last] = [marks[0], marks.at(-1)];
  return first === undefined || last === undefined ? '' : `, ${formatDate(first)} to ${formatDate(Math.max(first, last - 1))}`;
}

/** The answer in one or two sentences. */
export function toBacktestAnswer({ result }: ShownBacktest): string {
  const capital = result.curve.equity[0] ?? 0;
  const held = readFigure(result, 'benchmark_return');
  const holding = held === null ? '' : ` Buying and holding gave ${formatReturn(held)}.`;
  if (result.trades.pnl.length === 0) return `Nothing was traded, so ${formatMoney(capital)} stayed what it was.${holding}`;
  const final = readFigure(result, 'final_balance') ?? result.curve.equity.at(-1) ?? capital;
  return `${formatMoney(capital)} became ${formatMoney(final)} (${formatReturn(final / capital - 1)}).${holding}`;
}

/** The engine's notes first: they are what a trader should know before believing the figures. */
export function toBacktestFindings(outcome: ShownBacktest): readonly Finding[] {
  const { result } = outcome;
  const findings = [
    ...result.notes.map((text): Finding => ({ weight: 'caution', text })),
    ...toTradeFindings(outcome),
    ...toDataFindings(outcome),
    ...toShortfallFinding(outcome),
  ];
  const order = { alarm: 0, caution: 1, note: 2 };
  return findings.sort((a, b) => order[a.weight] - order[b.weight]);
}

function toTradeFindings({ result }: ShownBacktest): readonly Finding[] {
  const trades = result.trades.pnl.length;
  if (trades === 0) return [{ weight: 'alarm', text: 'The strategy made no trade.' }];
  const fills = result.fills.px.length;
  const share = result.ambiguous_fills / fills;
  if (result.ambiguous_fills === 0 || share >= MANY_AMBIGUOUS) return [];
  return [
    {
      weight: 'note',
      text: `${formatCount(result.ambiguous_fills)} of ${formatCount(fills)} fills (${formatShare(share)}) were decided by an assumption about the order of prices inside a candle; finer candles would tell.`,
    },
  ];
}

/** Hours at which the market is closed as a rule are no gaps: alone they are not worth a word. */
function toDataFindings({ series }: ShownBacktest): readonly Finding[] {
  const count = (of: (origin: SeriesOrigin) => number): number => series.reduce((total, origin) => total + of(origin), 0);
  const closed = count(({ usuallyClosed }) => usuallyClosed);
  const gaps = count(({ missingCandles }) => missingCandles) - closed;
  if (gaps === 0) return [];
  const holed = series.filter(({ missingCandles, usuallyClosed }) => missingCandles > usuallyClosed);
  const where = holed.length === series.length ? '' : ` of ${holed.map(({ symbol }) => symbol).join(', ')}`;
  const why =
    closed === 0
      ? 'the market was closed, or the data has gaps'
      : `holidays, or gaps of the data; ${formatCount(closed)} more fall on hours at which the market is closed every week`;
  const text = `${formatCount(gaps)} ${plural(gaps, 'candle')}${where} between the first and the last ${gaps === 1 ? 'is' : 'are'} missing: ${why}. Nothing was invented for them.`;
  return [{ weight: 'note', text }];
}

function toShortfallFinding({ result }: ShownBacktest): readonly Finding[] {
  const count = Object.values(result.shortfall_counts).reduce((total, each) => total + each, 0);
  if (count === 0 || result.trades.pnl.length === 0) return [];
  return [
    {
      weight: 'note',
      text: `${formatCount(count)} entry ${plural(count, 'order')} ${count === 1 ? 'was' : 'were'} reduced or not filled; reasons below.`,
    },
  ];
}
