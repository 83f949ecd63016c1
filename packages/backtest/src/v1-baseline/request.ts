/** What a V1 baseline job is asked to do, and what it works with. */
import type { CapitalSimulatorConfig, ExtremeLimits, MarketDataCatalogue, RankFigure, V1BaselineGrid } from '@quantbot/core';
import type { EngineProgress } from '../engine/engine-worker.ts';
import type { PythonEngine } from '../engine/python-engine.ts';
import type { V1BaselineMode } from './outcome.ts';

export interface V1BaselineRequest {
  readonly mode: V1BaselineMode;
  readonly fromMs: number | undefined;
  /** Exclusive. */
  readonly toMs: number | undefined;
  readonly interval: string | undefined;
  readonly grid: V1BaselineGrid;
  readonly simulatorConfig: CapitalSimulatorConfig;
  readonly extremeLimits: ExtremeLimits;
  /** What mode `rank` goes by. */
  readonly rankBy: RankFigure;
  readonly minCalls: number;
  readonly filterCollapsed: boolean;
  readonly filterExtreme: boolean;
  readonly callerGroups: readonly string[];
  readonly allowPartial: boolean;
  /** Threads of the engine; undefined: all cores. */
  readonly workers: number | undefined;
  readonly timeoutMs?: number;
}

export interface V1BaselineRoom {
  readonly catalogue: MarketDataCatalogue;
  readonly engine: PythonEngine;
  readonly slicesDir: string;
  readonly version: string;
  readonly nowMs: () => number;
  readonly onStage: (stage: 'plan' | 'search') => void;
  readonly onProgress: (progress: EngineProgress) => void;
  readonly signal?: AbortSignal;
}
