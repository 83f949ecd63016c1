import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { toCandleCsv, writeMarketFiles } from './market-files.ts';
import { runCli, type CliRun } from './run-cli.ts';

let dir: string;
const data = (...args: string[]): Promise<CliRun> => runCli(['data', ...args], { cwd: dir });

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'quantbot-data-test-'));
  await runCli(['init'], { cwd: dir });
});
afterEach(async () => {
  await rm(dir, { recursive: true, force: true });
});

describe('quantbot data import', () => {
  it('takes a folder of candles and a file of calls, and shows how it read them', async () => {
    await writeMarketFiles(dir);
    const run = await data('import', 'candles', 'calls.csv');
    expect(run).toMatchObject({ exitCode: 0, stderr: '' });
    expect(run.stdout).toContain('times in seconds');
    expect(run.stdout).toContain('mint from token');
    expect(run.stdout).toContain('Candles of 4 instruments: 4,800 rows read, 4,800 new');
    expect(run.stdout).toContain('Calls by 3 callers: 48 rows read, 48 new');
  });

  it('changes nothing when the same files come again', async () => {
    await writeMarketFiles(dir);
    await data('import', 'candles', 'calls.csv');
    const before = await listFiles();
    const run = await data('import', 'candles', 'calls.csv');
    expect(run.stdout).toContain('Candles of 4 instruments: 4,800 rows read, 0 new');
    expect(await listFiles()).toEqual(before);
  });

  it('reads gzip and other column names, and recognises milliseconds', async () => {
    const csv = toCandleCsv('WAVE', 50)
      .replace('timestamp,open,high,low,close,volume', 'open_time,o,h,l,last,vol')
      .replace(/^(\d{10}),/gm, '$1000,');
    await writeFile(join(dir, 'any.csv.gz'), gzipSync(csv));
    const run = await data('import', 'any.csv.gz', '--instrument', 'WAVE', '--map', 'close=last');
    expect(run).toMatchObject({ exitCode: 0 });
    expect(run.stdout).toContain('times in milliseconds');
    expect((await data('list')).stdout).toMatch(/WAVE\s+5m\s+50\s+2024-01-02 00:00/);
  });

  it('lists the bad rows with file, line and reason, and imports nothing of any file', async () => {
    await writeMarketFiles(dir);
    const lines = toCandleCsv('WAVE', 30).trimEnd().split('\n');
    const cells = (line: number): string[] => (lines[line - 1] ?? '').split(',');
    lines[4] = [...cells(5).slice(0, 4), 'NaN', '10'].join(',');
    lines[9] = [cells(10)[0], '1', '0.5', '0.9', '0.9', '10'].join(',');
    lines[14] = cells(14).join(',');
    lines[19] = cells(4).join(',');
    lines[24] = 'this is not a candle';
    await writeFile(join(dir, 'candles', 'BROKEN_5m.csv'), lines.join('\n'));
    const run = await data('import', 'candles', 'calls.csv');
    expect(run).toMatchObject({ exitCode: 3, stdout: '' });
    for (const line of [5, 10, 15, 20, 25]) expect(run.stderr).toContain(`BROKEN_5m.csv:${String(line)}: `);
    expect((await data('list', '--json')).stdout).toBe('{"series":[],"calls":null}\n');
  });

  it.each([
    ['a file that is not there', 'nowhere.csv', undefined, 4],
    ['a file of another kind', 'photo.csv', '\u0000\u0001\u0002binary', 3],
    ['an empty file', 'empty.csv', '', 3],
    ['a file whose columns say nothing', 'people.csv', 'name,age\nAnn,30\n', 3],
    ['calls with an id that stands twice', 'calls.csv', 'id,call_ts,caller,token\na,1704200000,x,T\na,1704200100,x,T\n', 3],
  ])('refuses %s', async (_what, name, content, exitCode) => {
    if (content !== undefined) await writeFile(join(dir, name), content);
    const run = await data('import', name);
    expect(run).toMatchObject({ exitCode, stdout: '' });
    expect(run.stderr).toContain(name);
  });
});

describe('quantbot data coverage', () => {
  it('shows rows, range and holes, and lists the holes of one instrument', async () => {
    const lines = toCandleCsv('WAVE', 100).trimEnd().split('\n');
    lines.splice(20, 5);
    await writeFile(join(dir, 'WAVE_5m.csv'), lines.join('\n'));
    await data('import', 'WAVE_5m.csv');
    const run = await data('coverage', '--instrument', 'WAVE');
    expect(run.stdout).toMatch(/WAVE\s+5m\s+95\s+2024-01-02 00:00\s+2024-01-02 08:15\s+1\s+5\s+30m/);
    expect(run.stdout).toContain('2024-01-02 01:30 to 2024-01-02 02:00  5 candles missing');
  });

  it('says when there is nothing to show', async () => {
    expect(await data('coverage')).toMatchObject({ exitCode: 4, stdout: '' });
  });
});

describe('quantbot init', () => {
  it('refuses to make a workspace twice and changes nothing', async () => {
    const before = await readFile(join(dir, 'quantbot.yaml'), 'utf8');
    const run = await runCli(['init'], { cwd: dir });
    expect(run).toMatchObject({ exitCode: 2, stdout: '' });
    expect(await readFile(join(dir, 'quantbot.yaml'), 'utf8')).toBe(before);
  });
});

async function listFiles(): Promise<string[]> {
  const files = await readdir(join(dir, 'data'), { recursive: true });
  // SQLite's own side files come and go with connections.
  return files.filter((name) => !/-(wal|shm)$/.test(name)).sort();
}
