import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { V1BaselineOutcome } from '@quantbot/backtest';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCli } from './run-cli.ts';

const DATA = join(import.meta.dirname, '../../../../shared/data');

describe.skipIf(!existsSync(DATA))('real markets (only where shared/data lies beside the repository)', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'quantbot-real-test-'));
    await runCli(['init'], { cwd: dir });
  });
  afterEach(async () => {
    await rm(dir, { recursive: true, force: true });
  });

  const importFiles = async (...names: string[]): Promise<void> => {
    expect(await runCli(['data', 'import', ...names.map((name) => join(DATA, name)), '--quiet'], { cwd: dir })).toMatchObject({
      exitCode: 0,
    });
  };
  const both = async (...flags: string[]): Promise<V1BaselineOutcome> => {
    const run = await runCli(['backtest', 'v1-baseline', '--mode', 'both', '--json', ...flags], { cwd: dir });
    expect(run).toMatchObject({ exitCode: 0 });
    return JSON.parse(run.stdout) as V1BaselineOutcome;
  };

  it('582 derived calls on 8 instruments: every caller is judged, and every call is accounted for', async () => {
    await importFiles('crypto_launch_5m', 'crypto_5m', 'calls/derived_calls.csv');
    const outcome = await both();
    expect(outcome.data).toMatchObject({ calls_found: 582, calls_used: 582, instruments_used: 8, interval: '5m' });
    const callers = outcome.per_caller ?? [];
    expect(callers.map(({ caller }) => caller).sort()).toEqual(['break24h', 'dump_rebound', 'fast5', 'vol10']);
    for (const caller of callers) expect(caller.trades_executed + caller.trades_skipped).toBe(caller.calls);
    expect(outcome.grouped?.grouped_result?.trades_executed).toBeGreaterThan(0);
  });

  it('77 real calls of which most have no candles: the result says so before anything else', async () => {
    await importFiles('memecoin_bsc', 'calls/real_calls_2025-09.csv');
    const outcome = await both();
    expect(outcome.data).toMatchObject({ calls_found: 77, calls_used: 3, calls_excluded: 74 });
    expect(outcome.data.excluded.every(({ reason }) => reason === 'no_candles')).toBe(true);
    const table = await runCli(['backtest', 'v1-baseline', '--no-report'], { cwd: dir });
    expect(table.stdout).toMatch(/^! 74 of 77 calls have no candles/);
  });
});
