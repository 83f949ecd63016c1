import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createWorkspace, toCandleLines, toCsv } from './testing/workspace.ts';

const PROGRAM = fileURLToPath(new URL('./testing/fill-disk.ts', import.meta.url));

/** A mount of our own, seen by one process only: as root, or as anybody where the kernel allows user namespaces. */
const NAMESPACES = [['--mount'], ['--user', '--map-root-user', '--mount']] as const;

function runOnSmallDisk(namespace: readonly string[], command: readonly string[]): string {
  const disk = mkdtempSync(join(tmpdir(), 'quantbot-disk-'));
  const script = 'mount -t tmpfs -o size=5m tmpfs "$0" && exec "$@"';
  const words = command.map((word) => (word === 'DISK' ? disk : word));
  try {
    return execFileSync('unshare', [...namespace, 'sh', '-c', script, disk, ...words], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  } finally {
    rmSync(disk, { recursive: true });
  }
}

const namespace = NAMESPACES.find((candidate) => {
  try {
    runOnSmallDisk(candidate, ['true']);
    return true;
  } catch {
    return false;
  }
});

/** Candles that do not compress: about 0.7 MB as Parquet. They follow those of `small.csv`. */
function toNoisyLines(count: number): string[] {
  return Array.from({ length: count }, (_, row) => {
    const price = 2 + Math.sin(row * row);
    return [1_700_006_000 + row * 60, price, price * 1.5, price / 1.7, price * 1.1, price * 1e6].join(',');
  });
}

describe('a full disk', () => {
  it.skipIf(namespace === undefined)(
    `is reported as such and leaves the catalogue as it was${namespace === undefined ? ' (skipped: this machine allows no mounts)' : ''}`,
    async () => {
      await using workspace = await createWorkspace();
      await workspace.write('small.csv', toCsv(toCandleLines(100)));
      await workspace.write('large.csv', toCsv(toNoisyLines(20_000)));
      const result: unknown = JSON.parse(runOnSmallDisk(namespace ?? [], [process.execPath, PROGRAM, 'DISK', workspace.folder]));
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
