/** A walk-forward analysis as one JSON document: what `--json` prints, what the server answers, what lies in its run folder. */
import type { WalkForwardOutcome } from './outcome.ts';
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
