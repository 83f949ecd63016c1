/** The CSV files of a report: the same figures as result.json, one table a file. */
import type { Call, TradeLeg } from '@quantbot/core';
import type { V1BaselineOutcome } from '../v1-baseline/outcome.ts';
import { toCallerColumns, toCallerRow } from './csv.ts';
import { toCsvDocument, toIsoTime, type CsvCell } from './csv-document.ts';
import { toGridCombinations, toTotalReturn } from './grid.ts';
import { indexCalls } from './page-data.ts';
import { toParamCells, toParamColumns } from './param-columns.ts';
import { toReportScopes } from './scopes.ts';

export function renderCallersCsv(outcome: V1BaselineOutcome): string {
  return toCsvDocument(
    toCallerColumns(outcome.param_grid),
    (outcome.per_caller ?? []).map((caller) => toCallerRow(outcome, caller)),
  );
}

/** One row per caller (or `all calls`) and combination, in grid order. */
export function renderGridCsv(outcome: V1BaselineOutcome): string {
  return toCsvDocument(
    ['caller', ...toParamColumns(outcome.param_grid), 'final_capital', 'total_return', 'trades_executed'],
    toGridRows(outcome),
  );
}

function* toGridRows(outcome: V1BaselineOutcome): Generator<readonly CsvCell[]> {
  const searched = toReportScopes(outcome).filter(({ grid }) => grid !== null);
  // A grid too large to be listed has no columns either; its combinations must not even be counted out.
  const combinations = searched.length === 0 ? [] : toGridCombinations(outcome.param_grid);
  const initialCapital = outcome.simulator_config.initial_capital;
  for (const { name, grid } of searched) {
    if (grid === null) continue;
    for (const [index, params] of combinations.entries()) {
      const finalCapital = grid.finalCapital[index];
      if (finalCapital === undefined) continue;
      yield [
        name,
        ...toParamCells(outcome.param_grid, params),
        finalCapital,
        toTotalReturn(finalCapital, initialCapital),
        grid.tradesExecuted[index] ?? null,
      ];
    }
  }
}

const TRADE_COLUMNS = [
  'scope_kind',
  'scope',
  'call_id',
  'caller',
  'mint',
  'entry_time',
  'exit_time',
  'entry_ts_ms',
  'exit_ts_ms',
  'entry_px',
  'exit_px',
  'exit_mult',
  'size',
  'pnl',
  'exit_reason',
  'legs',
] as const;

/** One row per trade of the group, of the best combination, and of each caller's best combination. Times also as ISO 8601 UTC. */
export function renderTradesCsv(outcome: V1BaselineOutcome, calls: readonly Call[]): string {
  return toCsvDocument(TRADE_COLUMNS, toTradeRows(outcome, calls));
}

function* toTradeRows(outcome: V1BaselineOutcome, calls: readonly Call[]): Generator<readonly CsvCell[]> {
  const known = indexCalls(outcome, calls);
  for (const { kind, name, result } of toReportScopes(outcome)) {
    for (const trade of result?.completed_trades ?? []) {
      const call = known.get(trade.call_id);
      yield [
        kind,
        name,
        trade.call_id,
        call?.caller ?? null,
        call?.mint ?? null,
        toIsoTime(trade.entry_ts_ms),
        toIsoTime(trade.exit_ts_ms),
        trade.entry_ts_ms,
        trade.exit_ts_ms,
        trade.entry_px,
        trade.exit_px,
        trade.exit_mult,
        trade.size,
        trade.pnl,
        trade.exit_reason,
        toLegsCell(trade.legs),
      ];
    }
  }
}

/** Parts of a trade as `fraction@price reason time`, in order; empty for a trade that left at once. */
function toLegsCell(legs: readonly TradeLeg[]): string | null {
  if (legs.length === 0) return null;
  return legs.map(({ ts_ms, px, fraction, reason }) => `${String(fraction)}@${String(px)} ${reason} ${toIsoTime(ts_ms)}`).join('; ');
}

/** `stage` is `plan` for calls left out before the start and `simulation` for those skipped in a scope. */
export function renderSkippedCsv(outcome: V1BaselineOutcome, calls: readonly Call[]): string {
  return toCsvDocument(
    ['stage', 'scope_kind', 'scope', 'call_id', 'caller', 'mint', 'call_time', 'ts_ms', 'reason', 'covered_fraction'],
    toSkippedRows(outcome, calls),
  );
}

function* toSkippedRows(outcome: V1BaselineOutcome, calls: readonly Call[]): Generator<readonly CsvCell[]> {
  for (const note of outcome.data.excluded) {
    yield ['plan', null, null, note.call_id, note.caller, note.mint, toIsoTime(note.ts_ms), note.ts_ms, note.reason, note.covered_fraction];
  }
  const known = indexCalls(outcome, calls);
  for (const { kind, name, result } of toReportScopes(outcome)) {
    for (const { call_id, reason } of result?.skipped_calls ?? []) {
      const { caller, mint, ts_ms } = known.get(call_id) ?? { caller: null, mint: null, ts_ms: null };
      yield ['simulation', kind, name, call_id, caller, mint, ts_ms === null ? null : toIsoTime(ts_ms), ts_ms, reason, null];
    }
  }
}
