/** The catalogue: series, coverage, candles for charts, and uploads that are staged, imported and removed. */
import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { MultipartFile } from '@fastify/multipart';
import { findStoredSeries, importPath } from '@quantbot/backtest';
import {
  AppError,
  parseInterval,
  toCoverageView,
  toImportView,
  toSeriesView,
  toTimeMs,
  type DATA_ROUTES,
  type QueryOf,
} from '@quantbot/core';
import { toSafeName } from '../files/contained-file.ts';
import { refuseBomb } from '../files/refuse-bombs.ts';
import type { Handlers } from '../http/register-route.ts';
import { joinCandles } from '../results/join-candles.ts';
import type { ServerRoom } from '../room.ts';

export function createDataHandlers(room: ServerRoom): Handlers<typeof DATA_ROUTES> {
  const { catalogue } = room;
  return {
    async listSeries({ query }) {
      const all = await catalogue.listSeries(toFilter(query));
      const wanted =
        query.search === undefined
          ? all
          : all.filter(({ instrument }) => instrument.toLowerCase().includes(query.search?.toLowerCase() ?? ''));
      return toPage(wanted.map(toSeriesView), query);
    },
    async listCoverage({ query }) {
      return toPage((await catalogue.findCoverage(toFilter(query))).map(toCoverageView), query);
    },
    getCandles: ({ query }) => readChart(room, query),
    async getCallRange() {
      const range = await catalogue.findCallRange();
      if (range === undefined) return { calls: 0, callers: 0, first_time: null, last_time: null };
      return {
        calls: range.calls,
        callers: range.callers,
        first_time: new Date(range.firstMs).toISOString(),
        last_time: new Date(range.lastMs).toISOString(),
      };
    },
    async uploadData({ query, request }) {
      const file = await request.file().catch(throwFormError);
      if (file === undefined) throw new AppError('INVALID_REQUEST', 'expected a form with a file in the field `file`, found none');
      return importUpload(room, file, {
        onConflict: query.on_conflict,
        ...(query.kind !== undefined && { kind: query.kind }),
        ...(query.instrument !== undefined && { instrument: query.instrument }),
        ...(query.timeframe !== undefined && { intervalS: parseInterval(query.timeframe) }),
      });
    },
  };
}

type Chart = Awaited<ReturnType<Handlers<typeof DATA_ROUTES>['getCandles']>>;

/** From the longest stored candles that the ones asked for can be made of. */
async function readChart({ catalogue }: ServerRoom, query: QueryOf<typeof DATA_ROUTES.getCandles>): Promise<Chart> {
  const intervalS = parseInterval(query.timeframe);
  const stored = findStoredSeries(await catalogue.listSeries(), query.instrument).filter((series) => intervalS % series.intervalS === 0);
  const series = stored.at(-1);
  if (series === undefined) {
    throw new AppError('NO_CANDLES', `the catalogue has no candles of ${query.instrument} that ${query.timeframe} candles can be made of`);
  }
  const fromS = query.from === undefined ? -Infinity : toTimeMs(query.from, 'from') / 1000;
  const toS = query.to === undefined ? Infinity : toTimeMs(query.to, 'to') / 1000;
  for await (const { candles } of catalogue.readCandles([series])) {
    const joined = joinCandles(candles, { fromS, toS, intervalS, limit: query.limit });
    return { instrument: series.instrument, stored_interval_s: series.intervalS, ...joined };
  }
  throw new AppError('NO_CANDLES', `the candles of ${query.instrument} have just been removed`);
}

function toFilter({ instrument, timeframe }: { instrument?: string | undefined; timeframe?: string | undefined }): {
  instruments?: string[];
  intervalS?: number;
} {
  return {
    ...(instrument !== undefined && { instruments: [instrument] }),
    ...(timeframe !== undefined && { intervalS: parseInterval(timeframe) }),
  };
}

function toPage<T>(
  all: readonly T[],
  { offset, limit }: { offset: number; limit: number },
): { items: T[]; total: number; offset: number; limit: number } {
  return { items: all.slice(offset, offset + limit), total: all.length, offset, limit };
}

type ImportOptions = Omit<Parameters<typeof importPath>[0], 'catalogue' | 'paths'>;
type Imported = Awaited<ReturnType<Handlers<typeof DATA_ROUTES>['uploadData']>>;

/** Times the size that an upload may have; text of candles becomes a tenth of its size. */
const MAX_UNPACKED = 20;
const FORMATS = ['.csv', '.csv.gz', '.jsonl', '.ndjson', '.json', '.parquet'];

/** The name tells format, instrument and interval, so it is kept, in a folder of its own. DuckDB files are not taken: they are programs of a kind. */
async function importUpload({ catalogue, folders, settings }: ServerRoom, file: MultipartFile, options: ImportOptions): Promise<Imported> {
  const name = toUploadName(file.filename);
  const folder = join(folders.uploadsDir, randomUUID());
  const path = join(folder, name);
  try {
    await mkdir(folder, { recursive: true });
    await pipeline(file.file, createWriteStream(path, { flags: 'wx' })).catch(throwFormError);
    if (file.file.truncated) throw new AppError('PAYLOAD_TOO_LARGE', 'the file has more bytes than `max_upload_bytes` allows');
    await refuseBomb(path, MAX_UNPACKED * settings.max_upload_bytes);
    const outcomes = await importPath({ ...options, catalogue, paths: [path] });
    return { imports: outcomes.map((outcome) => toImportView(outcome, name)) };
  } catch (error) {
    throw hideFolder(error, folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The reader of forms has no codes for what is wrong with them. */
function throwFormError(error: unknown): never {
  if (error instanceof Error && !('code' in error) && /multipart|boundary|part terminated/i.test(error.message)) {
    throw new AppError('INVALID_REQUEST', `expected a whole form with one file: ${error.message}`, { cause: error });
  }
  throw error;
}

function toUploadName(fileName: string): string {
  if (!FORMATS.some((format) => fileName.toLowerCase().endsWith(format))) {
    throw new AppError('UNREADABLE_FILE', `expected a file whose name ends in ${FORMATS.join(', ')}, found "${fileName.slice(0, 100)}"`);
  }
  try {
    return toSafeName(fileName);
  } catch (error) {
    throw new AppError('INVALID_REQUEST', 'expected a file name of letters, digits, dots, - and _', { cause: error });
  }
}

/** Messages name files; where this machine keeps uploads is not for callers. */
function hideFolder(error: unknown, folder: string): unknown {
  if (!(error instanceof AppError)) return error;
  const clean = (text: string): string => text.replaceAll(`${folder}/`, '').replaceAll(folder, '');
  const details = JSON.parse(clean(JSON.stringify(error.details))) as Record<string, unknown>;
  return new AppError(error.code, clean(error.message), { cause: error, details });
}
