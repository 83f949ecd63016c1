/** The figures that the page draws on demand, as compact columns: a hundred thousand trades must not become a hundred thousand elements. */
import type { Call, CapitalSimulationResult } from '@quantbot/core';
import type { V1BaselineOutcome } from '../v1-baseline/outcome.ts';
import { findMainScope } from './findings.ts';
import { toReportScopes, type ReportScope } from './scopes.ts';
import { EXIT_WORDS, NOT_TRADED_WORDS } from './words.ts';

/** Displayed figures keep this many significant digits; the CSV and JSON files keep all. */
const SIGNIFICANT_DIGITS = 9;

const EXIT_CODES = Object.keys(EXIT_WORDS);
const NOT_TRADED_CODES = Object.keys(NOT_TRADED_WORDS);

/** Read by page/main.js; its JSDoc type PageData is the same shape. Calls, callers, mints and reasons are numbers into the lists. */
export function toPageData(outcome: V1BaselineOutcome, calls: readonly Call[]): unknown {
  const register = createCallRegister(outcome, calls);
  const main = findMainScope(outcome);
  const scopes = toReportScopes(outcome);
  return {
    initialCapital: outcome.simulator_config.initial_capital,
    grid: { tp: outcome.param_grid.tp_mults, sl: outcome.param_grid.sl_mults, hold: outcome.param_grid.max_hold_hrs },
    exitReasons: Object.values(EXIT_WORDS).map(({ label }) => label),
    notTradedReasons: Object.values(NOT_TRADED_WORDS).map(({ label }) => label),
    notTradedMeanings: Object.values(NOT_TRADED_WORDS).map(({ meaning }) => meaning),
    mainScope: Math.max(
      0,
      scopes.findIndex(({ kind, name }) => kind === main?.kind && name === main.name),
    ),
    scopes: scopes.map((scope) => toPageScope(scope, register.find)),
    excluded: {
      call: outcome.data.excluded.map(({ call_id }) => register.find(call_id)),
      reason: outcome.data.excluded.map(({ reason }) => NOT_TRADED_CODES.indexOf(reason)),
    },
    ...register.toColumns(),
  };
}

function toPageScope(scope: ReportScope, findCall: (id: string) => number): unknown {
  return {
    kind: scope.kind,
    name: scope.name,
    params: [scope.params.tp_mult, scope.params.sl_mult, scope.params.max_hold_hrs],
    finalCapital: scope.finalCapital,
    totalReturn: scope.totalReturn,
    tradesExecuted: scope.tradesExecuted,
    grid: scope.grid === null ? null : { finalCapital: scope.grid.finalCapital.map(toDisplayed), trades: scope.grid.tradesExecuted },
    result: scope.result === null ? null : toPageResult(scope.result, findCall),
  };
}

function toPageResult(result: CapitalSimulationResult, findCall: (id: string) => number): unknown {
  const trades = result.completed_trades;
  return {
    maxDrawdown: result.max_drawdown,
    ambiguousExits: result.ambiguous_exits,
    curve: { ms: result.capital_curve.ts_ms, equity: result.capital_curve.equity.map(toDisplayed) },
    trades: {
      call: trades.map(({ call_id }) => findCall(call_id)),
      entryMs: trades.map(({ entry_ts_ms }) => entry_ts_ms),
      exitMs: trades.map(({ exit_ts_ms }) => exit_ts_ms),
      entryPx: trades.map(({ entry_px }) => toDisplayed(entry_px)),
      exitPx: trades.map(({ exit_px }) => toDisplayed(exit_px)),
      size: trades.map(({ size }) => toDisplayed(size)),
      pnl: trades.map(({ pnl }) => toDisplayed(pnl)),
      multiple: trades.map(({ exit_mult }) => toDisplayed(exit_mult)),
      reason: trades.map(({ exit_reason }) => EXIT_CODES.indexOf(exit_reason)),
    },
    skipped: {
      call: result.skipped_calls.map(({ call_id }) => findCall(call_id)),
      reason: result.skipped_calls.map(({ reason }) => NOT_TRADED_CODES.indexOf(reason)),
    },
  };
}

function toDisplayed(value: number): number {
  return Number(value.toPrecision(SIGNIFICANT_DIGITS));
}

interface CallFacts {
  readonly id: string;
  readonly caller: string;
  readonly mint: string;
  readonly ts_ms: number | null;
}

/** Numbers the calls that the page mentions, in order of first mention, and their callers and mints. */
function createCallRegister(outcome: V1BaselineOutcome, calls: readonly Call[]): { find: (id: string) => number; toColumns: () => object } {
  const known = indexCalls(outcome, calls);
  const numbers = new Map<string, number>();
  const mentioned: CallFacts[] = [];
  return {
    find(id) {
      const number = numbers.get(id) ?? mentioned.length;
      if (number === mentioned.length) {
        numbers.set(id, number);
        mentioned.push(known.get(id) ?? { id, caller: '', mint: '', ts_ms: null });
      }
      return number;
    },
    toColumns() {
      const callers = createNameList();
      const mints = createNameList();
      const columns = {
        id: mentioned.map(({ id }) => id),
        ms: mentioned.map(({ ts_ms }) => ts_ms),
        caller: mentioned.map(({ caller }) => callers.find(caller)),
        mint: mentioned.map(({ mint }) => mints.find(mint)),
      };
      return { calls: columns, callers: callers.names, mints: mints.names };
    },
  };
}

/** Calls by id; excluded calls are found even if the caller of this stage handed over only the calls in the slice. */
export function indexCalls(outcome: V1BaselineOutcome, calls: readonly Call[]): ReadonlyMap<string, CallFacts> {
  const known = new Map<string, CallFacts>(calls.map((call) => [call.id, call]));
  for (const { call_id, caller, mint, ts_ms } of outcome.data.excluded) {
    if (!known.has(call_id)) known.set(call_id, { id: call_id, caller, mint, ts_ms });
  }
  return known;
}

function createNameList(): { readonly names: readonly string[]; find: (name: string) => number } {
  const names: string[] = [];
  const numbers = new Map<string, number>();
  return {
    names,
    find(name) {
      const number = numbers.get(name) ?? names.length;
      if (number === names.length) {
        numbers.set(name, number);
        names.push(name);
      }
      return number;
    },
  };
}
