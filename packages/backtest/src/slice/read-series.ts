/** Series of a slice read back from its files, for charts: what is drawn is what was computed on. */
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError, SliceManifestSchema, type CandleColumns, type SliceManifest, type SliceRef } from '@quantbot/core';
import { NPY_HEADER_BYTES } from './npy.ts';

const VALUE_BYTES = 8;

export interface SliceSeriesContent {
  readonly name: string;
  readonly candles: CandleColumns;
}

/** One series at a time, in the order of the slice. Throws SLICE_CORRUPT if a file is shorter than the manifest says. */
export async function* readSliceSeries({ path }: SliceRef): AsyncIterable<SliceSeriesContent> {
  const manifest = SliceManifestSchema.parse(JSON.parse(await readFile(join(path, 'manifest.json'), 'utf8')));
  for (const series of manifest.series) {
    const read = (column: string): Promise<ArrayBuffer> => readColumn(join(path, `${column}.npy`), series);
    yield {
      name: series.name,
      candles: {
        timestamp: new BigInt64Array(await read('timestamp')),
        open: new Float64Array(await read('open')),
        high: new Float64Array(await read('high')),
        low: new Float64Array(await read('low')),
        close: new Float64Array(await read('close')),
        volume: new Float64Array(await read('volume')),
      },
    };
  }
}

async function readColumn(path: string, { offset, rows }: SliceManifest['series'][number]): Promise<ArrayBuffer> {
  const bytes = new ArrayBuffer(rows * VALUE_BYTES);
  const file = await open(path, 'r');
  try {
    const { bytesRead } = await file.read(new Uint8Array(bytes), 0, bytes.byteLength, NPY_HEADER_BYTES + offset * VALUE_BYTES);
    if (bytesRead === bytes.byteLength) return bytes;
  } finally {
    await file.close();
  }
  throw new AppError('SLICE_CORRUPT', `${path} is shorter than its manifest says; remove the folder of the slice, it is made again`);
}
