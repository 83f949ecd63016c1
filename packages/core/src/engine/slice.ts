/** The slice: the immutable, hashed folder that TypeScript writes once and every worker memory-maps. */
import { z } from 'zod';

export const SLICE_FORMAT = 1;

export const SliceFileSchema = z
  .strictObject({ name: z.string(), dtype: z.enum(['<f8', '<i8']), rows: z.int().min(0), sha256: z.string() })
  .meta({ id: 'SliceFile', description: 'One column of all series, one after the other, as a one-dimensional .npy file.' });

export const SliceSeriesSchema = z
  .strictObject({ name: z.string(), interval_s: z.int().min(1).nullable(), offset: z.int().min(0), rows: z.int().min(0) })
  .meta({ id: 'SliceSeries', description: 'Candles [offset, offset + rows) of the columns. `interval_s` null: the most frequent difference of neighbouring timestamps.' });

export const SliceCallsSchema = z
  .strictObject({ id: z.array(z.string()), mint: z.array(z.string()), caller: z.array(z.string()), ts_ms: z.array(z.int()), series: z.array(z.int()) })
  .meta({ id: 'SliceCalls', description: 'The calls in input order, as columns. `series` is an index into the series of the manifest, -1 for a call without candles.' });

export const SliceManifestSchema = z
  .strictObject({ format: z.int(), id: z.string(), files: z.array(SliceFileSchema), series: z.array(SliceSeriesSchema), calls: SliceCallsSchema })
  .meta({
    id: 'SliceManifest',
    description: 'manifest.json of a slice. Columns: timestamp (<i8, Unix seconds), open, high, low, close, volume (<f8). `id` is the SHA-256 of the manifest without `id`.',
  });

export type SliceManifest = z.infer<typeof SliceManifestSchema>;
