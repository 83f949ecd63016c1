/** A loaded strategy as the engine takes it, with the settings of the workspace below it and those of flags above it. */
import type { SimulationSettings, StrategyRef } from '@quantbot/core';
import type { LoadedStrategy } from '../strategy-file/loaded-strategy.ts';

export interface SettingLayers {
  /** Below what the strategy says. */
  readonly defaults: SimulationSettings;
  /** Above it. */
  readonly overrides: SimulationSettings;
}

export function toEngineStrategy({ reference }: LoadedStrategy, { defaults, overrides }: SettingLayers): StrategyRef {
  return { ...reference, config: { ...reference.config, defaults: toJson(defaults), overrides: toJson(overrides) } };
}

type Json = StrategyRef['config'][string];

/** Absent settings stay absent: null would switch a rule off. */
function toJson(settings: SimulationSettings): Json {
  return JSON.parse(JSON.stringify(settings)) as Json;
}

/** Runs something about a strategy; what goes wrong is told with its place in the strategy's file. */
export async function explaining<T>(strategy: LoadedStrategy, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw strategy.explain(error);
  }
}
