/** Which calls a run is about: the date range and the callers asked for, or an error that says what there is instead. */
import { AppError, type Call, type CallFilter, type MarketDataCatalogue } from '@quantbot/core';

export interface CallChoice {
  readonly fromMs: number | undefined;
  readonly toMs: number | undefined;
  readonly callerGroups: readonly string[];
}

export async function chooseCalls(catalogue: MarketDataCatalogue, choice: CallChoice): Promise<readonly Call[]> {
  const range = await catalogue.findCallRange();
  if (range === undefined) throw new AppError('NO_CALLS', 'the catalogue holds no calls yet; import some with `quantbot data import FILE`');
  const filter: CallFilter = {
    ...(choice.fromMs !== undefined && { fromMs: choice.fromMs }),
    ...(choice.toMs !== undefined && { toMs: choice.toMs }),
  };
  const inRange = await catalogue.listCalls(filter);
  if (inRange.length === 0) {
    const [first, last] = [range.firstMs, range.lastMs].map((ms) => new Date(ms).toISOString());
    throw new AppError(
      'NO_CALLS',
      `no calls in the range asked for; the ${String(range.calls)} calls of this workspace are from ${String(first)} to ${String(last)}`,
      {
        details: { first_call_ms: range.firstMs, last_call_ms: range.lastMs, calls: range.calls },
      },
    );
  }
  return choice.callerGroups.length === 0 ? inRange : filterCallers(inRange, choice.callerGroups);
}

function filterCallers(calls: readonly Call[], callers: readonly string[]): readonly Call[] {
  const known = new Set(calls.map(({ caller }) => caller));
  const unknown = callers.filter((caller) => !known.has(caller));
  if (unknown.length > 0) {
    const names = [...known].slice(0, 20).join(', ');
    throw new AppError('NO_CALLS', `no calls by ${unknown.join(', ')} in the range asked for; there are calls by ${names}`, {
      details: { unknown, callers: [...known] },
    });
  }
  const wanted = new Set(callers);
  return calls.filter(({ caller }) => wanted.has(caller));
}
