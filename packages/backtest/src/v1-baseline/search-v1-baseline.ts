/** Asks the engine what the mode needs: one operation a mode, so that nothing is computed twice. */
import type { SliceRef, V1BaselinePerCallerResults } from '@quantbot/core';
import type { RunOptions } from '../engine/python-engine.ts';
import type { V1BaselineOutcome } from './outcome.ts';
import type { V1BaselineRequest, V1BaselineRoom } from './request.ts';

interface SearchOutcome {
  readonly results: Pick<V1BaselineOutcome, 'optimize' | 'ranking' | 'per_caller' | 'grouped'>;
  readonly sourceHash: string;
  readonly computeMs: number;
  readonly loadMs: number;
}

const NOTHING: SearchOutcome['results'] = { optimize: null, ranking: null, per_caller: null, grouped: null };

export async function searchV1Baseline(room: V1BaselineRoom, request: V1BaselineRequest, slice: SliceRef): Promise<SearchOutcome> {
  const options: RunOptions = {
    onProgress: room.onProgress,
    ...(room.signal !== undefined && { signal: room.signal }),
    ...(request.timeoutMs !== undefined && { timeoutMs: request.timeoutMs }),
  };
  const search = {
    slice: { path: slice.path, id: slice.id },
    param_grid: request.grid,
    simulator_config: request.simulatorConfig,
    include_trades: true,
    ...(request.workers !== undefined && { workers: request.workers }),
  };
  switch (request.mode) {
    case 'optimize': {
      const run = await room.engine.run({ operation: 'optimize', ...search }, options);
      return { ...run, sourceHash: run.version.sourceHash, results: { ...NOTHING, optimize: run.result } };
    }
    case 'rank': {
      const { include_trades: _none, ...ranked } = search;
      const run = await room.engine.run({ operation: 'rank', ...ranked, rank_by: request.rankBy }, options);
      return { ...run, sourceHash: run.version.sourceHash, results: { ...NOTHING, ranking: run.result } };
    }
    case 'per-caller': {
      const run = await room.engine.run({ operation: 'optimize_per_caller', ...search, extreme_limits: request.extremeLimits }, options);
      return { ...run, sourceHash: run.version.sourceHash, results: { ...NOTHING, per_caller: inOrder(run.result) } };
    }
    case 'grouped':
    case 'both': {
      const filters = { filter_collapsed: request.filterCollapsed, filter_extreme: request.filterExtreme };
      const run = await room.engine.run(
        { operation: 'grouped_evaluation', ...search, ...filters, extreme_limits: request.extremeLimits },
        options,
      );
      const { per_caller_results: perCaller, ...grouped } = run.result;
      return { ...run, sourceHash: run.version.sourceHash, results: { ...NOTHING, per_caller: inOrder(perCaller), grouped } };
    }
  }
}

/** Objects of JavaScript put integer-like names first; the order of first appearance is the engine's word. */
function inOrder(results: V1BaselinePerCallerResults): V1BaselineOutcome['per_caller'] {
  return Object.values(results).sort((a, b) => a.order - b.order);
}
