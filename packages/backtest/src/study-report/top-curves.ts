/** Equity over time of the best trials: simulated again through the slice, since a trial keeps figures and no trades. */
import { AppError, CapitalSimulatorConfigSchema, V1BaselineParamsSchema, type ParameterValues, type Study } from '@quantbot/core';
import { z } from 'zod';
import type { PythonEngine } from '../engine/python-engine.ts';
import { toSlicePath } from '../slice/write-slice.ts';
import { readStudySpec, type StudySpec } from '../study/study-spec.ts';

export interface TopCurve {
  readonly number: number;
  readonly initialCapital: number;
  readonly finalCapital: number;
  readonly maxDrawdown: number;
  /** Unix milliseconds and equity at cost, whenever it changes; thinned out. */
  readonly ms: readonly number[];
  readonly equity: readonly number[];
}

export interface CurveRoom {
  readonly engine: PythonEngine;
  readonly slicesDir: string;
  readonly signal: AbortSignal;
}

/** What a screen can show of one curve. */
const MOST_POINTS = 1_500;

/** One curve per trial; none for strategies other than v1_baseline, whose trades only they know. */
export async function simulateTop(
  { engine, slicesDir, signal }: CurveRoom,
  study: Study,
  trials: readonly { readonly number: number; readonly params: ParameterValues }[],
): Promise<readonly TopCurve[]> {
  const spec = readStudySpec(study);
  if (spec.strategy.name !== 'v1_baseline' || spec.slice_id === null) return [];
  const slice = { path: toSlicePath(slicesDir, spec.slice_id), id: spec.slice_id };
  const curves = trials.map(async ({ number, params }): Promise<TopCurve> => {
    const settings = toSettings(spec, params);
    const { result } = await engine.run({ operation: 'simulate', slice, ...settings }, { signal });
    const { ts_ms: ms, equity } = thinOut(result.capital_curve, MOST_POINTS);
    return {
      number,
      initialCapital: settings.simulator_config.initial_capital,
      finalCapital: result.final_capital,
      maxDrawdown: result.max_drawdown,
      ms,
      equity,
    };
  });
  return Promise.all(curves);
}

const ConfigSchema = z.looseObject({
  params: z.record(z.string(), z.json()).default({}),
  simulator_config: z.record(z.string(), z.json()).default({}),
  caller_groups: z.array(z.string()).default([]),
});

/** Values of the trial lie over the fixed ones of the study, as the engine lays them; a dot leads into a field. */
function toSettings({ strategy }: StudySpec, values: ParameterValues) {
  const fixed = ConfigSchema.parse(strategy.config);
  const exits = structuredClone(fixed.params);
  const simulator = { ...fixed.simulator_config };
  for (const [name, value] of Object.entries(values)) {
    const [first = '', ...rest] = name.split('.');
    if (first in CapitalSimulatorConfigSchema.shape) simulator[first] = value;
    else if (rest.length === 0) exits[first] = value;
    else exits[first] = setAt(exits[first], rest, value);
  }
  const params = V1BaselineParamsSchema.safeParse(exits);
  const config = CapitalSimulatorConfigSchema.safeParse(simulator);
  if (!params.success || !config.success) {
    throw new AppError('PROTOCOL_MISMATCH', 'a trial that the engine has evaluated has parameters that it should have refused');
  }
  return { params: params.data, simulator_config: config.data, caller_groups: fixed.caller_groups };
}

type Json = z.infer<ReturnType<typeof z.json>>;

function setAt(outer: Json | undefined, [name = '', ...rest]: readonly string[], value: Json): Json {
  const fields = typeof outer === 'object' && outer !== null && !Array.isArray(outer) ? outer : {};
  return { ...fields, [name]: rest.length === 0 ? value : setAt(fields[name], rest, value) };
}

interface Curve {
  readonly ts_ms: readonly number[];
  readonly equity: readonly number[];
}

/** Keeps the lowest and the highest point of each stretch, so that no drawdown and no peak is lost, and the last point. */
export function thinOut({ ts_ms: ms, equity }: Curve, most: number): Curve {
  if (ms.length <= most) return { ts_ms: ms, equity };
  const stretch = Math.ceil(ms.length / ((most - 1) / 2));
  const kept: number[] = [];
  for (let start = 0; start < ms.length; start += stretch) {
    const end = Math.min(ms.length, start + stretch);
    let [low, high] = [start, start];
    for (let index = start; index < end; index += 1) {
      if (at(equity, index) < at(equity, low)) low = index;
      if (at(equity, index) > at(equity, high)) high = index;
    }
    kept.push(...new Set([Math.min(low, high), Math.max(low, high)]));
  }
  if (kept.at(-1) !== ms.length - 1) kept.push(ms.length - 1);
  return { ts_ms: kept.map((index) => at(ms, index)), equity: kept.map((index) => at(equity, index)) };
}

function at(values: readonly number[], index: number): number {
  return values[index] ?? NaN;
}
