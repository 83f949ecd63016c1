/** The catalogue of market data: what is there, its holes, candles for charts, and uploads. */
import { z } from 'zod';
import type { CandleSeriesSummary, ImportOutcome, SeriesCoverage } from '../market-data.ts';
import { toIntervalLabel } from '../market.ts';
import { IsoTimeSchema, NameSchema, pageFields, pageOf, SymbolSchema, TimeframeSchema, TimeSchema } from './common.ts';
import { defineRoute } from './contract.ts';

const seriesFields = {
  instrument: z.string(),
  timeframe: z.string(),
  interval_s: z.int(),
  candles: z.int(),
  first_time: IsoTimeSchema,
  last_time: IsoTimeSchema,
  content_hash: z.string(),
};
const SeriesSchema = z
  .object(seriesFields)
  .meta({ id: 'CandleSeries', description: 'Equal hashes mean equal candles. Times are openings.' });
const CoverageSchema = z
  .object({
    ...seriesFields,
    gap_count: z.int(),
    missing_candles: z.int(),
    zero_volume_candles: z.int(),
    gaps: z.array(z.object({ after: IsoTimeSchema, next: IsoTimeSchema, missing_candles: z.int() })),
  })
  .meta({ id: 'Coverage', description: '`gaps`: the longest ones, longest first, at most 20.' });

function toTime(timestampS: number): string {
  return new Date(timestampS * 1000).toISOString();
}

export function toSeriesView(series: CandleSeriesSummary): z.infer<typeof SeriesSchema> {
  return {
    instrument: series.instrument,
    timeframe: toIntervalLabel(series.intervalS),
    interval_s: series.intervalS,
    candles: series.rows,
    first_time: toTime(series.firstTimestamp),
    last_time: toTime(series.lastTimestamp),
    content_hash: series.contentHash,
  };
}

export function toCoverageView(coverage: SeriesCoverage): z.infer<typeof CoverageSchema> {
  return {
    ...toSeriesView(coverage),
    gap_count: coverage.gapCount,
    missing_candles: coverage.missingCandles,
    zero_volume_candles: coverage.zeroVolumeRows,
    gaps: coverage.gaps.map((gap) => ({
      after: toTime(gap.afterTimestamp),
      next: toTime(gap.nextTimestamp),
      missing_candles: gap.missingCandles,
    })),
  };
}

const ImportSchema = z
  .object({
    kind: z.enum(['candles', 'calls']),
    file: z.string(),
    columns: z.record(z.string(), z.string()),
    ignored_columns: z.array(z.string()),
    rows_read: z.int(),
    rows_added: z.int(),
    rows_replaced: z.int(),
    names: z.array(z.string()),
    timeframes: z.array(z.string()),
    notes: z.array(z.string()),
  })
  .meta({ id: 'ImportOutcome', description: 'How an uploaded file was read. `names`: instruments, or callers of calls.' });

/** `file` is what the uploader called it: the staged path is nobody's business. */
export function toImportView(outcome: ImportOutcome, file: string): z.infer<typeof ImportSchema> {
  return {
    kind: outcome.kind,
    file,
    columns: { ...outcome.columns },
    ignored_columns: [...outcome.ignoredColumns],
    rows_read: outcome.rowsRead,
    rows_added: outcome.rowsAdded,
    rows_replaced: outcome.rowsReplaced,
    names: [...outcome.names],
    timeframes: outcome.intervalsS.map(toIntervalLabel),
    notes: [...outcome.notes],
  };
}

const tag = 'data';
const seriesQuery = { ...pageFields, instrument: SymbolSchema.optional(), timeframe: TimeframeSchema.optional() };

export const DATA_ROUTES = {
  listSeries: defineRoute({
    id: 'listSeries',
    method: 'GET',
    path: '/api/data/series',
    tag,
    summary: 'Candle series of the catalogue',
    role: 'read',
    query: z.strictObject({ ...seriesQuery, search: NameSchema.optional() }),
    status: 200,
    response: pageOf(SeriesSchema),
    errors: [],
  }),
  listCoverage: defineRoute({
    id: 'listCoverage',
    method: 'GET',
    path: '/api/data/coverage',
    tag,
    summary: 'Range, rows and holes of each series',
    role: 'read',
    query: z.strictObject(seriesQuery),
    status: 200,
    response: pageOf(CoverageSchema),
    errors: [],
  }),
  getCandles: defineRoute({
    id: 'getCandles',
    method: 'GET',
    path: '/api/data/candles',
    tag,
    summary: 'Candles for a chart: joined to longer ones until there are at most `limit`',
    role: 'read',
    query: z.strictObject({
      instrument: SymbolSchema,
      timeframe: TimeframeSchema,
      from: TimeSchema.optional(),
      to: TimeSchema.optional(),
      limit: z.coerce.number().int().min(10).max(20_000).default(2_000),
    }),
    status: 200,
    response: z
      .object({
        instrument: z.string(),
        interval_s: z.int(),
        stored_interval_s: z.int(),
        candles_total: z.int(),
        time: z.array(z.int()),
        open: z.array(z.number()),
        high: z.array(z.number()),
        low: z.array(z.number()),
        close: z.array(z.number()),
        volume: z.array(z.number()),
      })
      .meta({
        id: 'Candles',
        description: '`time`: openings in Unix seconds. `interval_s`: the length shown; a multiple of the stored one.',
      }),
    errors: ['NO_CANDLES'],
  }),
  getCallRange: defineRoute({
    id: 'getCallRange',
    method: 'GET',
    path: '/api/data/calls',
    tag,
    summary: 'How many calls there are, from whom and when',
    role: 'read',
    status: 200,
    response: z.object({ calls: z.int(), callers: z.int(), first_time: IsoTimeSchema.nullable(), last_time: IsoTimeSchema.nullable() }),
    errors: [],
  }),
  uploadData: defineRoute({
    id: 'uploadData',
    method: 'POST',
    path: '/api/data/upload',
    tag,
    summary: 'Import a file of candles or calls (csv, jsonl, json, parquet): all of it or nothing',
    role: 'admin',
    query: z.strictObject({
      kind: z.enum(['candles', 'calls']).optional().meta({ description: 'Default: its columns tell.' }),
      instrument: SymbolSchema.optional().meta({ description: 'Of a file without an instrument column; default: its name tells.' }),
      timeframe: TimeframeSchema.optional().meta({ description: 'Default: its name or its data tell.' }),
      on_conflict: z.enum(['refuse', 'replace']).default('refuse'),
    }),
    upload: true,
    status: 201,
    response: z.object({ imports: z.array(ImportSchema) }),
    errors: ['INVALID_MARKET_DATA', 'CONFLICTING_DATA', 'UNREADABLE_FILE', 'PAYLOAD_TOO_LARGE', 'DISK_FULL'],
  }),
};
