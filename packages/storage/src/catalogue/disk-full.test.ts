import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { runOnSmallDisk } from '../testing/small-disk.ts';
import { createWorkspace, toCandleLines, toCsv } from './testing/workspace.ts';

const PROGRAM = fileURLToPath(new URL('./testing/fill-disk.ts', import.meta.url));

/** Candles that do not compress: about 0.7 MB as Parquet. They follow those of `small.csv`. */
function toNoisyLines(count: number): string[] {
  return Array.from({ length: count }, (_, row) => {
    const price = 2 + Math.sin(row * row);
    return [1_700_006_000 + row * 60, price, price * 1.5, price / 1.7, price * 1.1, price * 1e6].join(',');
  });
}

describe('a full disk', () => {
  it.skipIf(runOnSmallDisk === undefined)(
    `is reported as such and leaves the catalogue as it was${runOnSmallDisk === undefined ? ' (skipped: this machine allows no mounts)' : ''}`,
    async () => {
      await using workspace = await createWorkspace();
      await workspace.write('small.csv', toCsv(toCandleLines(100)));
      await workspace.write('large.csv', toCsv(toNoisyLines(20_000)));
      const output = runOnSmallDisk?.((disk) => [process.execPath, PROGRAM, disk, workspace.folder], 5) ?? '{}';
      const result: unknown = JSON.parse(output);
      // Either all of the old state (one Parquet file, nothing staged), or all of the new one with the old file kept for its readers.
      expect(result).toMatchObject({
        states: [
          { result: 'DISK_FULL', rows: [100], files: 1 },
          { result: 'imported', rows: [20_100], files: 2 },
        ],
        after: 'imported',
      });
    },
  );
});
