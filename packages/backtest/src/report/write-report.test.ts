import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError } from '@quantbot/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { toWriteError, writeStagedDirectory } from './staged-directory.ts';
import { buildOutcomeFixture, buildProvenanceFixture } from './testing/outcome-fixture.ts';
import { writeV1BaselineReport } from './write-report.ts';

const FILES = ['callers.csv', 'grid.csv', 'manifest.json', 'report.html', 'result.json', 'skipped.csv', 'trades.csv'];
const provenance = buildProvenanceFixture();
let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quantbot-report-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe('writing a report', () => {
  it('makes the folder with all files and leaves nothing else', async () => {
    const dir = join(folder, 'runs', 'first');
    const { htmlPath, files } = await writeV1BaselineReport({ ...buildOutcomeFixture(), provenance, dir });
    expect(htmlPath).toBe(join(dir, 'report.html'));
    expect(files.map((file) => file.slice(dir.length + 1)).sort()).toEqual(FILES);
    expect((await readdir(dir)).sort()).toEqual(FILES);
    expect(await readdir(join(folder, 'runs'))).toEqual(['first']);
  });

  it('keeps the outcome as it is, without a word of when and where', async () => {
    const fixture = buildOutcomeFixture();
    const later = { ...provenance, createdAt: '2030-01-01T00:00:00.000Z', workspaceName: 'elsewhere' };
    await writeV1BaselineReport({ ...fixture, provenance, dir: join(folder, 'a') });
    await writeV1BaselineReport({ ...fixture, provenance: later, dir: join(folder, 'b') });
    const [a, b] = await Promise.all(['a', 'b'].map(async (name) => await readFile(join(folder, name, 'result.json'), 'utf8')));
    expect(a).toBe(b);
    expect(JSON.parse(a ?? '')).toEqual(fixture.outcome);
  });

  it('lists the other files with size and hash in the manifest', async () => {
    await writeV1BaselineReport({ ...buildOutcomeFixture(), provenance, dir: join(folder, 'run') });
    const manifest = JSON.parse(await readFile(join(folder, 'run', 'manifest.json'), 'utf8')) as {
      command: string[];
      files: { name: string; bytes: number; sha256: string }[];
    };
    expect(manifest.command).toEqual(provenance.command);
    for (const { name, bytes, sha256 } of manifest.files) {
      const content = await readFile(join(folder, 'run', name));
      expect([content.length, createHash('sha256').update(content).digest('hex')]).toEqual([bytes, sha256]);
    }
    expect(manifest.files.map(({ name }) => name).sort()).toEqual(FILES.filter((name) => name !== 'manifest.json'));
  });

  it('replaces an earlier report and keeps files that are not its own', async () => {
    const dir = join(folder, 'run');
    await mkdir(dir);
    await writeFile(join(dir, 'notes.txt'), 'mine');
    await writeFile(join(dir, 'report.html'), 'old');
    await writeV1BaselineReport({ ...buildOutcomeFixture(), provenance, dir });
    expect((await readdir(dir)).sort()).toEqual([...FILES, 'notes.txt'].sort());
    expect(await readFile(join(dir, 'report.html'), 'utf8')).toMatch(/^<!doctype html>/i);
  });

  it('escapes names in the page and refuses everything from outside', async () => {
    const evil = `</script><script>alert(1)</script><img src=x onerror=alert(1)>`;
    const { htmlPath } = await writeV1BaselineReport({
      ...buildOutcomeFixture({ callers: [evil, 'b'] }),
      provenance,
      dir: join(folder, 'run'),
    });
    // Scripts are data and our own code; what is left is what the reader's browser takes for markup.
    const page = (await readFile(htmlPath, 'utf8')).replaceAll(/<(script|style)[^>]*>[\s\S]*?<\/\1>/g, '');
    expect(page).not.toContain('<img src=x');
    expect(page).not.toContain('alert(1)<');
    expect(page.replaceAll(/"[^"]*"/g, '""')).not.toMatch(/<[^<>]*\son\w+=/);
    expect(page).not.toMatch(/(src|href)="(https?:)?\/\//);
    expect(page).toContain('default-src &#39;none&#39;');
  });

  it('stays small for a hundred callers, a thousand combinations and twenty thousand trades', async () => {
    const steps = (count: number, first: number, step: number): number[] =>
      Array.from({ length: count }, (_, index) => first + index * step);
    const fixture = buildOutcomeFixture({
      callers: steps(100, 0, 1).map((index) => `caller ${String(index)}`),
      callsPerCaller: 230,
      grid: { tp_mults: steps(20, 1.5, 0.1), sl_mults: steps(10, 0.88, 0.01), max_hold_hrs: steps(5, 6, 6) },
    });
    const { htmlPath } = await writeV1BaselineReport({ ...fixture, provenance, dir: join(folder, 'run') });
    expect((await stat(htmlPath)).size).toBeLessThan(10_000_000);
  });
});

describe('failing to write', () => {
  it('explains a full disk and says that nothing was kept', () => {
    const error = toWriteError('/runs/x', Object.assign(new Error('no space'), { code: 'ENOSPC' }));
    expect(error.code).toBe('DISK_FULL');
    expect(error.message).toMatch(/\/runs\/x; nothing was kept/);
  });

  it('leaves no folder behind when one file cannot be written', async () => {
    const files = [
      { name: 'a.csv', content: 'a' },
      { name: 'b'.repeat(300), content: 'b' },
    ];
    const failure = await writeStagedDirectory(join(folder, 'run'), files).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(AppError);
    expect((failure as AppError).code).toBe('STORAGE_FAILED');
    expect(await readdir(folder)).toEqual([]);
  });

  it('leaves an earlier report as it was when the new one cannot be written', async () => {
    const dir = join(folder, 'run');
    await writeStagedDirectory(dir, [{ name: 'a.csv', content: 'old' }]);
    const files = [
      { name: 'a.csv', content: 'new' },
      { name: 'b'.repeat(300), content: 'b' },
    ];
    await expect(writeStagedDirectory(dir, files)).rejects.toThrow(AppError);
    expect([await readdir(dir), await readFile(join(dir, 'a.csv'), 'utf8')]).toEqual([['a.csv'], 'old']);
  });

  it('keeps nothing on a disk that is full', async ({ skip }) => {
    const disk = join(folder, 'disk');
    await mkdir(disk);
    if (!canMount(disk)) skip('a small disk can only be mounted by root');
    try {
      const failure = await writeV1BaselineReport({ ...buildOutcomeFixture(), provenance, dir: join(disk, 'run') }).catch(
        (error: unknown) => error,
      );
      expect((failure as AppError).code).toBe('DISK_FULL');
      expect(await readdir(disk)).toEqual([]);
    } finally {
      runTool('umount', disk);
    }
  });
});

function canMount(path: string): boolean {
  try {
    runTool('mount', '-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', path);
    return true;
  } catch {
    return false;
  }
}

function runTool(name: 'mount' | 'umount', ...args: readonly string[]): void {
  execFileSync(name, args, { stdio: 'ignore' });
}
