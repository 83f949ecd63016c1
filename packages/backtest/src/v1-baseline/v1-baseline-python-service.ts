/** V1 baseline for programs: the predecessors' methods over calls and candles in memory. Python computes; this checks, hands over and cleans up. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AppError,
  GroupedEvaluationRequestSchema,
  OptimizePerCallerRequestSchema,
  OptimizeRequestSchema,
  SimulateRequestSchema,
  type CapitalSimulationResult,
  type GroupedEvaluationRequest,
  type OperationResult,
  type OptimizePerCallerRequest,
  type OptimizeRequest,
  type SimulateRequest,
  type V1BaselineGroupedResult,
  type V1BaselineOptimizationResult,
  type V1BaselinePerCallerResults,
} from '@quantbot/core';
import { z } from 'zod';
import type { PythonEngine, RunOptions } from '../engine/python-engine.ts';
import { toInlineSlice } from '../slice/inline-slice.ts';
import { writeSlice } from '../slice/write-slice.ts';

const RequestSchema = z.discriminatedUnion('operation', [
  SimulateRequestSchema,
  OptimizeRequestSchema,
  OptimizePerCallerRequestSchema,
  GroupedEvaluationRequestSchema,
]);

type Request = z.input<typeof RequestSchema>;
type Name = Request['operation'];
type Operation<N extends Name> = Extract<Request, { operation: N }>;
type Config<R extends Request> = Omit<R, 'operation'>;

export class V1BaselinePythonService {
  readonly #engine: PythonEngine;

  constructor(engine: PythonEngine) {
    this.#engine = engine;
  }

  /** One set of parameters on all calls with one finite capital. */
  simulate(config: Config<SimulateRequest>, options?: RunOptions): Promise<CapitalSimulationResult> {
    return this.#run({ operation: 'simulate', ...config }, options);
  }

  /** Every combination of the grid, ranked by final capital. */
  optimizeV1Baseline(config: Config<OptimizeRequest>, options?: RunOptions): Promise<V1BaselineOptimizationResult> {
    return this.#run({ operation: 'optimize', ...config }, options);
  }

  /** Each caller alone with the full initial capital, keyed by caller. */
  optimizeV1BaselinePerCaller(config: Config<OptimizePerCallerRequest>, options?: RunOptions): Promise<V1BaselinePerCallerResults> {
    return this.#run({ operation: 'optimize_per_caller', ...config }, options);
  }

  /** The callers that pass the filters, together on one shared capital. */
  runV1BaselineGroupedEvaluation(config: Config<GroupedEvaluationRequest>, options?: RunOptions): Promise<V1BaselineGroupedResult> {
    return this.#run({ operation: 'grouped_evaluation', ...config }, options);
  }

  async #run<N extends Name>(request: Operation<N>, options?: RunOptions): Promise<OperationResult<N>> {
    const checked = toCheckedRequest(request);
    if (checked.calls === undefined) return (await this.#engine.run<N>(checked, options)).result;
    // Candles never travel as JSON to a worker: they become a slice that lives as long as this request.
    const dir = await mkdtemp(join(tmpdir(), `quantbot-slice-${String(process.pid)}-`));
    try {
      const { calls, candles_by_call_id: candlesByCallId, ...rest } = checked;
      const { path, id } = await writeSlice(dir, toInlineSlice(calls, candlesByCallId ?? {}));
      return (await this.#engine.run<N>({ ...rest, slice: { path, id } } as Operation<N>, options)).result;
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  }
}

function toCheckedRequest<N extends Name>(request: Operation<N>): Operation<N> {
  const checked = RequestSchema.safeParse(request);
  if (!checked.success) {
    const issues = checked.error.issues.map((issue) => `${issue.path.join('.') || 'the request'}: ${issue.message}`);
    throw new AppError('INVALID_REQUEST', `the ${request.operation} request breaks its contract: ${issues.slice(0, 5).join('; ')}`, {
      details: { issues },
    });
  }
  if ((checked.data.slice === undefined) === (checked.data.calls === undefined)) {
    throw new AppError('INVALID_REQUEST', 'expected either `slice` or `calls` with `candles_by_call_id`, found both or neither');
  }
  return checked.data as Operation<N>;
}
