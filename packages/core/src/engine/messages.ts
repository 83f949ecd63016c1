/** The envelope around engine operations: JSON lines between a TypeScript host and a long-lived Python worker. */
import { z } from 'zod';
import {
  BacktestRequestSchema,
  BacktestResultSchema,
  CheckStrategyRequestSchema,
  CheckStrategyResultSchema,
  DescribeStrategiesResultSchema,
  DescribeStrategyRequestSchema,
} from './candle-backtest.ts';
import { ERROR_CODES } from '../errors.ts';
import {
  EvaluateRequestSchema,
  EvaluateResultSchema,
  ImportanceRequestSchema,
  ImportanceResultSchema,
  SuggestRequestSchema,
  SuggestResultSchema,
} from './search.ts';
import { StitchRequestSchema, StitchResultSchema } from './stitch.ts';
import {
  GroupedEvaluationRequestSchema,
  OptimizePerCallerRequestSchema,
  OptimizeRequestSchema,
  RankRequestSchema,
  SimulateRequestSchema,
  V1BaselineGroupedResultSchema,
  V1BaselineOptimizationResultSchema,
  V1BaselinePerCallerResultsSchema,
  V1BaselineRankingSchema,
  CapitalSimulationResultSchema,
} from './v1-baseline.ts';

/** Raised when a message changes its meaning or shape. A worker of another version is refused, not adapted to. */
export const PROTOCOL_VERSION = 1;

export const ErrorCodeSchema = z.enum(ERROR_CODES).meta({ id: 'ErrorCode', description: 'Stable error codes, see docs/errors.md.' });

export const OperationSchema = z
  .discriminatedUnion('operation', [SimulateRequestSchema, OptimizeRequestSchema, OptimizePerCallerRequestSchema, GroupedEvaluationRequestSchema,
    RankRequestSchema,
    SuggestRequestSchema,
    EvaluateRequestSchema,
    ImportanceRequestSchema,
    BacktestRequestSchema,
    DescribeStrategyRequestSchema,
    CheckStrategyRequestSchema,
    StitchRequestSchema,
  ])
  .meta({ id: 'Operation', description: 'What the engine can be asked to compute.' });

/** The result schema of each operation. */
export const OPERATION_RESULTS = {
  simulate: CapitalSimulationResultSchema,
  optimize: V1BaselineOptimizationResultSchema,
  optimize_per_caller: V1BaselinePerCallerResultsSchema,
  grouped_evaluation: V1BaselineGroupedResultSchema,
  rank: V1BaselineRankingSchema,
  suggest: SuggestResultSchema,
  evaluate: EvaluateResultSchema,
  importance: ImportanceResultSchema,
  backtest: BacktestResultSchema,
  describe_strategies: DescribeStrategiesResultSchema,
  check_strategy: CheckStrategyResultSchema,
  stitch: StitchResultSchema,
} as const;

export const EngineErrorSchema = z
  .strictObject({
    code: ErrorCodeSchema,
    message: z.string(),
    details: z.record(z.string(), z.json()).default({}),
    traceback: z.string().nullable().default(null),
  })
  .meta({ id: 'EngineErrorBody', description: 'An error that crosses the border: what was expected, what was found, what to do next.' });

export const HostMessageSchema = z
  .discriminatedUnion('kind', [
    z
      .strictObject({ kind: z.literal('run'), request_id: z.string().min(1), request: OperationSchema })
      .meta({ id: 'RunMessage', description: 'Compute one operation. A worker handles one at a time.' }),
    z.strictObject({ kind: z.literal('shutdown') }).meta({ id: 'ShutdownMessage', description: 'End after the current operation.' }),
  ])
  .meta({ id: 'HostMessage', description: 'Messages from TypeScript to the engine, one JSON object a line on stdin.' });

export const WorkerMessageSchema = z
  .discriminatedUnion('kind', [
    z
      .strictObject({ kind: z.literal('ready'), protocol_version: z.int(), engine_version: z.string(), source_hash: z.string(), pid: z.int() })
      .meta({ id: 'ReadyMessage', description: 'First message of a worker.' }),
    z
      .strictObject({ kind: z.literal('progress'), request_id: z.string(), done: z.int().min(0), total: z.int().min(0), unit: z.string() })
      .meta({ id: 'ProgressMessage', description: 'How far the current operation is; at most 10 a second.' }),
    z
      .strictObject({ kind: z.literal('result'), request_id: z.string(), result: z.json(), compute_ms: z.number(), load_ms: z.number() })
      .meta({ id: 'ResultMessage', description: 'The finished operation; `result` follows the result schema of the operation.' }),
    z
      .strictObject({ kind: z.literal('failed'), request_id: z.string(), error: EngineErrorSchema })
      .meta({ id: 'FailedMessage', description: 'The operation ended with an error; the worker is ready for the next.' }),
  ])
  .meta({ id: 'WorkerMessage', description: 'Messages from the engine to TypeScript, one JSON object a line on stdout.' });

export type OperationName = keyof typeof OPERATION_RESULTS;
export type OperationRequest = z.input<typeof OperationSchema>;
export type OperationResult<Name extends OperationName> = z.infer<(typeof OPERATION_RESULTS)[Name]>;
export type HostMessage = z.input<typeof HostMessageSchema>;
export type WorkerMessage = z.infer<typeof WorkerMessageSchema>;
export type EngineErrorBody = z.infer<typeof EngineErrorSchema>;
