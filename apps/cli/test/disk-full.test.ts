import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TrialRecord } from '@quantbot/core';
import { openStudyStore } from '@quantbot/storage';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeMarketFiles } from './market-files.ts';
import { runCli } from './run-cli.ts';

/** A disk that really is full: a small file system in memory. Only root may mount one. */
function mountTinyDisk(dir: string, kibibytes: number): boolean {
  return process.platform === 'linux' && spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${String(kibibytes)}k`, 'tmpfs', dir]).status === 0;
}

async function canMount(): Promise<boolean> {
  const dir = await mkdtemp(join(tmpdir(), 'quantbot-mount-'));
  const isMounted = mountTinyDisk(dir, 64);
  if (isMounted) spawnSync('umount', [dir]);
  await rm(dir, { recursive: true });
  return isMounted;
}

const hasTinyDisks = await canMount();

describe.skipIf(!hasTinyDisks)('a full disk (needs root on Linux to mount a small one)', () => {
  let source: string;
  let disk: string;
  beforeEach(async () => {
    source = await mkdtemp(join(tmpdir(), 'quantbot-source-'));
    disk = await mkdtemp(join(tmpdir(), 'quantbot-disk-'));
    await writeMarketFiles(source);
  });
  afterEach(async () => {
    spawnSync('umount', [disk]);
    await rm(source, { recursive: true, force: true });
    await rm(disk, { recursive: true, force: true });
  });

  const importAll = () => runCli(['data', 'import', join(source, 'candles'), join(source, 'calls.csv')], { cwd: disk });

  it('refuses the import whole, and the same command works when there is room', async () => {
    mountTinyDisk(disk, 160);
    await runCli(['init'], { cwd: disk });
    const run = await importAll();
    expect(run).toMatchObject({ exitCode: 75, stdout: '' });
    expect(run.stderr).toContain('DISK_FULL');
    expect((await runCli(['data', 'list', '--json'], { cwd: disk })).stdout).toBe('{"series":[],"calls":null}\n');
    spawnSync('mount', ['-o', 'remount,size=8m', disk]);
    expect(await importAll()).toMatchObject({ exitCode: 0 });
  });

  it('ends a backtest with a clear error and no half slice or report', async () => {
    mountTinyDisk(disk, 8192);
    await runCli(['init'], { cwd: disk });
    expect(await importAll()).toMatchObject({ exitCode: 0 });
    await fill(disk);
    const run = await runCli(['backtest', 'v1-baseline'], { cwd: disk });
    expect(run).toMatchObject({ exitCode: 75, stdout: '' });
    expect(run.stderr).toContain('DISK_FULL');
    expect(await readdir(join(disk, 'runs'))).toEqual([]);
    await rm(join(disk, 'ballast'));
    expect(await runCli(['backtest', 'v1-baseline'], { cwd: disk })).toMatchObject({ exitCode: 0 });
  });
});

describe.skipIf(!hasTinyDisks)('a disk that fills up during a study (needs root on Linux to mount a small one)', () => {
  it('stops the study with a clear error, loses nothing that was recorded, and goes on when there is room', async () => {
    const disk = await mkdtemp(join(tmpdir(), 'quantbot-disk-'));
    mountTinyDisk(disk, 1_536);
    try {
      await runCli(['init'], { cwd: disk });
      const parameters = 'parameters: {x: {low: 0, high: 1, type: float}}';
      await writeFile(
        join(disk, 'study.yaml'),
        `strategy: {name: noop}\n${parameters}\nsampler: random\nobjectives: [mar]\ntrials: 20000\nseed: 1\n`,
      );
      const run = await runCli(['optimize', '--config', 'study.yaml', '--name', 'tight', '--no-report'], { cwd: disk });
      expect(run.exitCode).toBe(75);
      expect(run.stderr).toContain('DISK_FULL');
      const before = await readStudy(disk);
      expect(before.trials.length).toBeGreaterThan(0);
      expect(before.trials.length).toBeLessThan(20_000);
      spawnSync('mount', ['-o', 'remount,size=64m', disk]);
      const resumed = await runCli(['optimize', '--resume-from', before.id, '--no-report'], { cwd: disk });
      expect(resumed).toMatchObject({ exitCode: 0 });
      const after = await readStudy(disk);
      expect(after.trials.map(({ number }) => number)).toEqual(Array.from({ length: 20_000 }, (_, number) => number));
      expect(after.trials.slice(0, before.trials.length)).toEqual(before.trials);
    } finally {
      spawnSync('umount', [disk]);
      await rm(disk, { recursive: true, force: true });
    }
  });
});

async function readStudy(disk: string): Promise<{ readonly id: string; readonly trials: readonly TrialRecord[] }> {
  const store = await openStudyStore({ kind: 'sqlite', path: join(disk, 'studies.db') });
  try {
    const id = (await store.listStudies()).items[0]?.id ?? 'none';
    const trials: TrialRecord[] = [];
    for await (const trial of store.streamTrials(id)) trials.push(trial);
    return { id, trials };
  } finally {
    await store.close();
  }
}

/** Writes until the disk takes no more, and leaves a few kilobytes. */
async function fill(disk: string): Promise<void> {
  for (let mebibytes = 8; mebibytes > 0; mebibytes -= 0.125) {
    const isWritten = await writeFile(join(disk, 'ballast'), Buffer.alloc(mebibytes * 1_048_576)).then(
      () => true,
      () => false,
    );
    if (isWritten) return;
  }
}
