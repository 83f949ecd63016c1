/** Stage 2 of the pipeline: candles and calls become an immutable folder named by the hash of its content, which workers memory-map. */
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SLICE_FORMAT, type Call, type CandleColumns, type SliceManifest, type SliceRef } from '@quantbot/core';
import { toDiskError } from '../files/disk-error.ts';
import { toCanonicalJson } from './canonical-json.ts';
import { createColumnFile, type ColumnFile } from './column-file.ts';

export interface SliceSeriesInput {
  readonly name: string;
  /** null: the engine takes the most frequent difference between neighbouring timestamps. */
  readonly intervalS: number | null;
  readonly candles: CandleColumns;
}

interface SliceCallInput {
  readonly call: Call;
  /** Name of the series that the call is traded on; undefined for a call without candles. */
  readonly series: string | undefined;
}

export interface SliceInput {
  /** Called once; may be long, one series is held in memory at a time. */
  readonly series: AsyncIterable<SliceSeriesInput> | Iterable<SliceSeriesInput>;
  /** Read after all series, in input order. */
  readonly calls: () => readonly SliceCallInput[];
}

export type WrittenSlice = SliceRef & { readonly manifest: SliceManifest };

const COLUMNS = ['timestamp', 'open', 'high', 'low', 'close', 'volume'] as const;

/** Half of the hash is name enough, and bearable in a listing. */
export function toSlicePath(slicesDir: string, id: string): string {
  return join(slicesDir, id.slice(0, 32));
}

/** Writes a slice below `slicesDir`. The same content twice gives the same folder. A failure leaves nothing behind. */
export async function writeSlice(slicesDir: string, input: SliceInput): Promise<WrittenSlice> {
  const staging = join(slicesDir, `.staging-${randomUUID()}`);
  try {
    await mkdir(staging, { recursive: true });
    const manifest = await writeContent(staging, input);
    const path = toSlicePath(slicesDir, manifest.id);
    await moveIntoPlace(staging, path);
    return { path, id: manifest.id, manifest };
  } catch (error) {
    await rm(staging, { recursive: true, force: true });
    throw toDiskError(error, slicesDir);
  }
}

async function writeContent(dir: string, input: SliceInput): Promise<SliceManifest> {
  const columns: ColumnFile[] = [];
  try {
    for (const column of COLUMNS) columns.push(await createColumnFile(dir, column, column === 'timestamp' ? '<i8' : '<f8'));
    const series: SliceManifest['series'] = [];
    let offset = 0;
    for await (const { name, intervalS, candles } of input.series) {
      const rows = candles.timestamp.length;
      await Promise.all(columns.map((file, index) => file.append(candles[COLUMNS[index] ?? 'timestamp'])));
      series.push({ name, interval_s: intervalS, offset, rows });
      offset += rows;
    }
    const files = await Promise.all(columns.map((file) => file.finish()));
    return await writeManifest(dir, { format: SLICE_FORMAT, files, series, calls: toCallColumns(input.calls(), series) });
  } catch (error) {
    await Promise.allSettled(columns.map((file) => file.abandon()));
    throw error;
  }
}

function toCallColumns(inputs: readonly SliceCallInput[], series: SliceManifest['series']): SliceManifest['calls'] {
  const indexByName = new Map(series.map(({ name }, index) => [name, index]));
  return {
    id: inputs.map(({ call }) => call.id),
    mint: inputs.map(({ call }) => call.mint),
    caller: inputs.map(({ call }) => call.caller),
    ts_ms: inputs.map(({ call }) => call.ts_ms),
    series: inputs.map((input) => (input.series === undefined ? -1 : (indexByName.get(input.series) ?? -1))),
  };
}

async function writeManifest(dir: string, content: Omit<SliceManifest, 'id'>): Promise<SliceManifest> {
  const id = createHash('sha256').update(toCanonicalJson(content)).digest('hex');
  const manifest = { ...content, id };
  await writeFile(join(dir, 'manifest.json'), toCanonicalJson(manifest), { flush: true });
  return manifest;
}

/** Slices never change, so a folder that is already there holds the same content. */
async function moveIntoPlace(staging: string, path: string): Promise<void> {
  try {
    await rename(staging, path);
  } catch (error) {
    const isThere = await stat(path).then(
      () => true,
      () => false,
    );
    if (!isThere) throw error;
    await rm(staging, { recursive: true, force: true });
  }
}
