/** The CSV files of a backtest on candles: the same figures as result.json, one table a file. Times also as ISO 8601 UTC. */
import type { BacktestResult } from '@quantbot/core';
import { toCsvDocument, toIsoTime, type CsvCell } from '../report/csv-document.ts';

type Row = readonly CsvCell[];

const TRADE_COLUMNS = ['units', 'entry_px', 'exit_px', 'pnl', 'net_return', 'costs', 'mae', 'mfe', 'reason'] as const;

/** One row per position from flat to flat, in order of opening; `trade` is what fills.csv refers to. */
export function renderCandleTradesCsv({ trades, symbols }: BacktestResult): string {
  return toCsvDocument(
    ['trade', 'symbol', 'side', 'entry_time', 'exit_time', 'entry_ts_ms', 'exit_ts_ms', ...TRADE_COLUMNS],
    trades.pnl.map((_, row): Row => {
      const [entry, exit] = [trades.entry_ts_ms[row] ?? 0, trades.exit_ts_ms[row] ?? 0];
      return [
        row,
        symbols[trades.symbol[row] ?? 0]?.symbol ?? null,
        trades.direction[row] === 1 ? 'long' : 'short',
        toIsoTime(entry),
        toIsoTime(exit),
        entry,
        exit,
        ...TRADE_COLUMNS.map((name) => trades[name][row] ?? null),
      ];
    }),
  );
}

const FILL_COLUMNS = ['units', 'px', 'fee', 'reason'] as const;

export function renderFillsCsv({ fills, symbols }: BacktestResult): string {
  return toCsvDocument(
    ['trade', 'symbol', 'side', 'time', 'ts_ms', ...FILL_COLUMNS],
    fills.px.map((_, row): Row => {
      const at = fills.ts_ms[row] ?? 0;
      return [
        fills.trade[row] ?? null,
        symbols[fills.symbol[row] ?? 0]?.symbol ?? null,
        fills.side[row] === 1 ? 'buy' : 'sell',
        toIsoTime(at),
        at,
        ...FILL_COLUMNS.map((name) => fills[name][row] ?? null),
      ];
    }),
  );
}

const CURVE_COLUMNS = ['equity', 'drawdown', 'exposure', 'benchmark'] as const;

/** Points of the curve, which is reduced if result.json says so. */
export function renderEquityCsv({ curve }: BacktestResult): string {
  return toCsvDocument(
    ['time', 'ts_ms', ...CURVE_COLUMNS],
    curve.ts_ms.map((ms, row): Row => [toIsoTime(ms), ms, ...CURVE_COLUMNS.map((name) => curve[name][row] ?? null)]),
  );
}

export function renderMonthlyCsv({ monthly_returns: months }: BacktestResult): string {
  return toCsvDocument(
    ['month', 'net_return'],
    months.map(({ month, net_return }): Row => [month, net_return]),
  );
}

/** One row per period and figure; an undefined figure has an empty value and a reason. */
export function renderFiguresCsv({ figures }: BacktestResult): string {
  const rows = figures.flatMap(({ period, metrics, objectives, null_reasons: reasons }) =>
    [...toEntries('metric', metrics), ...toEntries('objective', objectives)].map(([kind, name, value]): Row => {
      return [period, kind, name, value, value === null ? (reasons[name] ?? null) : null];
    }),
  );
  return toCsvDocument(['period', 'kind', 'figure', 'value', 'reason'], rows);
}

function toEntries(kind: string, figures: Readonly<Record<string, number | null>>): readonly (readonly [string, string, number | null])[] {
  return Object.entries(figures).map(([name, value]) => [kind, name, value]);
}

const SHORTFALL_COLUMNS = ['reason', 'asked', 'given'] as const;

/** Entry orders that were reduced or not filled, the first thousand of them. */
export function renderShortfallsCsv({ shortfalls, symbols }: BacktestResult): string {
  return toCsvDocument(
    ['time', 'ts_ms', 'symbol', 'side', ...SHORTFALL_COLUMNS],
    shortfalls.ts_ms.map((ms, row): Row => {
      const side = shortfalls.direction[row] === 1 ? 'long' : 'short';
      return [
        toIsoTime(ms),
        ms,
        symbols[shortfalls.symbol[row] ?? 0]?.symbol ?? null,
        side,
        ...SHORTFALL_COLUMNS.map((name) => shortfalls[name][row] ?? null),
      ];
    }),
  );
}
