/** A walk-forward analysis as one JSON document: what `--json` prints, what the server answers, what lies in its run folder. */
import { AppError, ParameterValueSchema, SegmentResultSchema, StitchResultSchema } from '@quantbot/core';
import { z } from 'zod';
import type { ShownWalkForward, WalkForwardOutcome } from './outcome.ts';
import type { Duration, TimeSpan } from './windows.ts';

const WALK_FORWARD_SCHEMA_VERSION = 1;

/** Names in snake_case; times in ISO 8601, ratios as fractions. The same run gives the same document, wherever it ran. */
export function toWalkForwardDocument({ request, slice, windows, stitched }: WalkForwardOutcome): Readonly<Record<string, unknown>> {
  const { windows: rules, plan, candles } = request;
  const tested = new Map((stitched?.segments ?? []).map((segment) => [segment.from_ms, segment]));
  return {
    schema_version: WALK_FORWARD_SCHEMA_VERSION,
    strategy: candles.strategy.name,
    strategy_source_hash: candles.strategy.sourceHash,
    symbols: stitched?.symbols ?? candles.symbols,
    interval_s: candles.intervalS,
    mode: rules.mode,
    train: toLength(rules.train),
    test: toLength(rules.test),
    step: toLength(rules.step ?? rules.test),
    gap: rules.gap === undefined ? null : toLength(rules.gap),
    sampler: plan.sampler.name,
    seed: request.seed,
    objective: plan.objectives[0] ?? null,
    slice_id: slice.id,
    windows: windows.map(({ number, train, test, trials, best }) => ({
      window: number,
      train: toSpan(train),
      test: toSpan(test),
      trials,
      optimized_params: best?.params ?? null,
      trial: best?.trial ?? null,
      train_objective: best?.value ?? null,
      train_return: best?.totalReturn ?? null,
      test_performance: tested.get(test.fromMs) ?? null,
    })),
    stitched: stitched === undefined ? null : toStitched(stitched),
  };
}

function toStitched(stitched: NonNullable<WalkForwardOutcome['stitched']>): Readonly<Record<string, unknown>> {
  const { figures, curve, monthly_returns, trades, efficiency, efficiency_reason, winning_segments, notes } = stitched;
  return { figures, efficiency, efficiency_reason, winning_segments, monthly_returns, notes, curve, trades };
}

function toSpan({ fromMs, toMs }: TimeSpan): Readonly<Record<string, string>> {
  return { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() };
}

function toLength({ months, ms }: Duration): Readonly<Record<string, number>> {
  return { months, ms };
}

const SpanSchema = z
  .object({ from: z.string(), to: z.string() })
  .transform(({ from, to }): TimeSpan => ({ fromMs: Date.parse(from), toMs: Date.parse(to) }));
const DocumentSchema = z.looseObject({
  schema_version: z.literal(WALK_FORWARD_SCHEMA_VERSION),
  windows: z.array(
    z.looseObject({
      window: z.int(),
      train: SpanSchema,
      test: SpanSchema,
      optimized_params: z.record(z.string(), ParameterValueSchema).nullable(),
      train_return: z.number().nullable(),
      test_performance: SegmentResultSchema.nullable(),
    }),
  ),
  stitched: StitchResultSchema.omit({ symbols: true, segments: true }).nullable(),
});

/** What such a document shows, for tables of an analysis that was made elsewhere. Throws UNREADABLE_FILE. */
export function readWalkForwardDocument(document: unknown): ShownWalkForward {
  const checked = DocumentSchema.safeParse(document);
  if (!checked.success) {
    const message = `expected the document of a walk-forward analysis of this version, found something else: ${z.prettifyError(checked.error)}`;
    throw new AppError('UNREADABLE_FILE', message);
  }
  const { windows, stitched } = checked.data;
  return {
    windows: windows.map(({ window, train, test, optimized_params: params, train_return: totalReturn }) => ({
      number: window,
      train,
      test,
      best: params === null ? undefined : { params, totalReturn },
    })),
    stitched: stitched === null ? undefined : { ...stitched, segments: windows.flatMap(({ test_performance: segment }) => segment ?? []) },
  };
}
