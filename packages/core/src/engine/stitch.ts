/**
 * Walk-forward: tests that follow each other, each with its own parameters, on one account that goes on from one to the next.
 * Only the subset of Zod that survives the way to JSON Schema may be used here.
 */
import { z } from 'zod';
import { CandleTradesSchema, EquityCurveSchema, MonthlyReturnSchema } from './candle-backtest.ts';
import { PeriodFiguresSchema, PeriodSchema, ScalarSchema, StrategyRefSchema } from './search.ts';
import { SliceRefSchema } from './v1-baseline.ts';

const params = z.record(z.string(), ScalarSchema);

export const InSampleSchema = z
  .strictObject({ from_ms: z.int(), to_ms: z.int(), total_return: z.number().nullable() })
  .meta({ id: 'InSample', description: 'The range that parameters were searched on, and what they returned there (fraction; null: undefined).' });

export const SegmentSchema = z
  .strictObject({ from_ms: z.int(), to_ms: z.int(), params, in_sample: InSampleSchema.nullable().default(null) })
  .meta({ id: 'Segment', description: 'Half-open range of candle openings, Unix milliseconds, and the parameters to trade it with.' });

export const StitchRequestSchema = z
  .strictObject({
    operation: z.literal('stitch'),
    strategy: StrategyRefSchema,
    slice: SliceRefSchema,
    segments: z.array(SegmentSchema).min(1),
    periods: z.array(PeriodSchema).min(1).default(['all']),
    objectives: z.array(z.string()).default([]),
    curve_points: z.int().min(2).max(1_000_000).default(4000),
  })
  .meta({
    id: 'StitchRequest',
    description:
      'Trades each segment with its own parameters, with the money that the one before has left; positions are closed at the end of each. Segments are in order and do not overlap. Candles before a segment warm its indicators up.',
  });

export const SegmentResultSchema = z
  .strictObject({
    from_ms: z.int(),
    to_ms: z.int(),
    params,
    start_equity: z.number(),
    end_equity: z.number(),
    trades: z.int().min(0),
    annual_return: z.number(),
    in_sample_annual_return: z.number().nullable(),
    figures: PeriodFiguresSchema,
  })
  .meta({
    id: 'SegmentResult',
    description: 'One segment by itself. `params`: all of them, also those that were not given. Annual returns are compound, fractions, and wild for short ranges.',
  });

export const StitchResultSchema = z
  .strictObject({
    symbols: z.array(z.string()),
    segments: z.array(SegmentResultSchema),
    figures: z.array(PeriodFiguresSchema),
    trades: CandleTradesSchema,
    curve: EquityCurveSchema,
    monthly_returns: z.array(MonthlyReturnSchema),
    efficiency: z.number().nullable(),
    efficiency_reason: z.enum(['no_in_sample', 'no_in_sample_profit']).nullable(),
    winning_segments: z.int().min(0),
    notes: z.array(z.string()),
  })
  .meta({
    id: 'StitchResult',
    description:
      'The account over all segments. Its benchmark is bought at the start of the first and held. `efficiency`: mean annual return of the segments over that of their in-sample ranges (Pardo 2008), null with a reason; a footnote, the figures of the whole say more. `winning_segments`: those that ended with more money than they began with.',
  });

export type StitchRequest = z.input<typeof StitchRequestSchema>;
export type StitchResult = z.infer<typeof StitchResultSchema>;
export type Segment = z.input<typeof SegmentSchema>;
