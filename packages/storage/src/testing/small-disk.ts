/** For tests: a file system of a few MB that only one process sees. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A mount of our own: as root, or as anybody where the kernel allows user namespaces. */
const NAMESPACES = [['--mount'], ['--user', '--map-root-user', '--mount']] as const;

function runIn(namespace: readonly string[], program: (disk: string) => readonly string[], sizeMib: number): string {
  const disk = mkdtempSync(join(tmpdir(), 'quantbot-disk-'));
  const script = `mount -t tmpfs -o size=${String(sizeMib)}m tmpfs "$0" && exec "$@"`;
  try {
    return execFileSync('unshare', [...namespace, 'sh', '-c', script, disk, ...program(disk)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  } finally {
    rmSync(disk, { recursive: true });
  }
}

const usable = NAMESPACES.find((namespace) => {
  try {
    runIn(namespace, () => ['true'], 1);
    return true;
  } catch {
    return false;
  }
});

/** Runs a program, given the folder of the disk, and returns its output. undefined: this machine allows no mounts. */
export const runOnSmallDisk =
  usable === undefined ? undefined : (program: (disk: string) => readonly string[], sizeMib: number) => runIn(usable, program, sizeMib);
