/** Decides which of the chosen calls can be simulated, on which interval, and says of every other call why not. */
import { AppError, parseInterval, toIntervalLabel, type Call, type CandleSeriesSummary, type MarketDataCatalogue } from '@quantbot/core';
import { coverCall, toCandleRange, type CandleRange } from './cover-call.ts';
import type { PlannedCall } from './coverage.ts';

export interface PlanRequest {
  readonly calls: readonly Call[];
  /** Label such as `5m`; undefined: the finest interval that the instruments of these calls have. */
  readonly interval: string | undefined;
  readonly maxHoldHrs: number;
  readonly allowPartial: boolean;
}

interface SeriesPlan {
  readonly instrument: string;
  /** The candles that any included call on this instrument can touch. */
  readonly range: CandleRange;
}

export interface CallPlan {
  readonly intervalS: number;
  /** In the order of the calls asked for. */
  readonly calls: readonly PlannedCall[];
  readonly series: readonly SeriesPlan[];
}

const MS_PER_HOUR = 3_600_000;

export async function planCalls(catalogue: MarketDataCatalogue, request: PlanRequest): Promise<CallPlan> {
  const all = await catalogue.listSeries();
  const instruments = new Set(request.calls.map(({ mint }) => mint));
  const intervalS = chooseInterval(all, instruments, request.interval);
  const series = all.filter((one) => one.intervalS === intervalS);
  const dataEndMs = Math.max(0, ...series.map(({ lastTimestamp }) => (lastTimestamp + intervalS) * 1000));
  const callsByInstrument = Map.groupBy(request.calls, ({ mint }) => mint);
  const holdMs = Math.floor(request.maxHoldHrs * MS_PER_HOUR);

  const planned = new Map<string, PlannedCall>();
  const seriesPlans: SeriesPlan[] = [];
  const keys = series.filter(({ instrument }) => instruments.has(instrument)).map(({ instrument }) => ({ instrument, intervalS }));
  for await (const { key, candles } of catalogue.readCandles(keys)) {
    const calls = callsByInstrument.get(key.instrument) ?? [];
    const onSeries = calls.map((call) =>
      toPlannedCall(call, coverCall(call.ts_ms, holdMs, { candles, intervalS, dataEndMs }), request.allowPartial),
    );
    for (const one of onSeries) planned.set(one.call.id, one);
    const ranges = onSeries.filter(({ included }) => included).map(({ call }) => toCandleRange(candles.timestamp, call.ts_ms, holdMs));
    if (ranges.length > 0) seriesPlans.push({ instrument: key.instrument, range: toHull(ranges) });
  }
  const calls = request.calls.map(
    (call) => planned.get(call.id) ?? toPlannedCall(call, { status: 'missing', reason: 'no_candles' }, request.allowPartial),
  );
  return { intervalS, calls, series: seriesPlans };
}

function toPlannedCall(call: Call, coverage: PlannedCall['coverage'], allowPartial: boolean): PlannedCall {
  return { call, coverage, included: coverage.status === 'full' || (coverage.status === 'partial' && allowPartial) };
}

function toHull(ranges: readonly CandleRange[]): CandleRange {
  return { start: Math.min(...ranges.map(({ start }) => start)), end: Math.max(...ranges.map(({ end }) => end)) };
}

function chooseInterval(all: readonly CandleSeriesSummary[], instruments: ReadonlySet<string>, label: string | undefined): number {
  const called = all.filter(({ instrument }) => instruments.has(instrument));
  const intervals = [...new Set((called.length > 0 ? called : all).map(({ intervalS }) => intervalS))].sort((a, b) => a - b);
  const finest = intervals[0];
  if (finest === undefined)
    throw new AppError('NO_CANDLES', 'the catalogue holds no candles yet; import some with `quantbot data import FILE`');
  if (label === undefined) return finest;
  const intervalS = parseInterval(label);
  if (!all.some((one) => one.intervalS === intervalS)) {
    throw new AppError(
      'NO_CANDLES',
      `there are no ${label} candles in the catalogue; it has ${intervals.map(toIntervalLabel).join(', ')}`,
      { details: { intervals: intervals.map(toIntervalLabel) } },
    );
  }
  return intervalS;
}
