/** What the page draws on demand, as compact columns: ten thousand trades must not become ten thousand elements. */
import type { CandleBacktestOutcome, ChartCandles } from '../candle-backtest/outcome.ts';
import { toExitLabel } from './words.ts';

/** Displayed figures keep this many significant digits; the CSV and JSON files keep all. */
const SIGNIFICANT_DIGITS = 9;

/** Read by page/backtest.js; its JSDoc type BacktestData is the same shape. Symbols and reasons are numbers into the lists. */
export function toCandlePageData({ request, result, charts }: CandleBacktestOutcome): unknown {
  const { trades, curve } = result;
  const reasons = [...new Set(trades.reason)];
  return {
    intervalS: request.intervalS,
    initialCapital: curve.equity[0] ?? 0,
    symbols: result.symbols.map(({ symbol }) => symbol),
    reasons: reasons.map(toExitLabel),
    curve: {
      ms: curve.ts_ms,
      equity: curve.equity.map(toDisplayed),
      drawdown: curve.drawdown.map(toDisplayed),
      exposure: curve.exposure.map(toDisplayed),
      benchmark: curve.benchmark.map((value) => (value === null ? null : toDisplayed(value))),
    },
    trades: {
      symbol: trades.symbol,
      direction: trades.direction,
      entryMs: trades.entry_ts_ms,
      exitMs: trades.exit_ts_ms,
      units: trades.units.map(toDisplayed),
      entryPx: trades.entry_px.map(toDisplayed),
      exitPx: trades.exit_px.map(toDisplayed),
      pnl: trades.pnl.map(toDisplayed),
      netReturn: trades.net_return.map(toDisplayed),
      costs: trades.costs.map(toDisplayed),
      mae: trades.mae.map(toDisplayed),
      mfe: trades.mfe.map(toDisplayed),
      reason: trades.reason.map((reason) => reasons.indexOf(reason)),
    },
    charts: charts.map(toPageChart),
  };
}

function toPageChart({ symbol, intervalS, candles }: ChartCandles): unknown {
  const prices = (column: Float64Array): readonly number[] => Array.from(column, toDisplayed);
  return {
    symbol,
    intervalS,
    seconds: Array.from(candles.timestamp, Number),
    open: prices(candles.open),
    high: prices(candles.high),
    low: prices(candles.low),
    close: prices(candles.close),
  };
}

function toDisplayed(value: number): number {
  return Number(value.toPrecision(SIGNIFICANT_DIGITS));
}
