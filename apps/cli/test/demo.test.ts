import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runCli } from './run-cli.ts';

it('the demo trades calls and candles of a made-up market, and ends with both reports', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'quantbot-demo-test-'));
  try {
    const { exitCode, stdout, stderr } = await runCli(['demo', 'here'], { cwd: dir });
    expect(exitCode).toBe(0);
    expect(stdout).toContain('V1 baseline, both');
    expect(stdout).toMatch(/golden_cross on DEMO-USD, 1h candles[^]*Trades +\d\d+: /);
    // Whoever runs it for the first time should not be greeted with alarms about a market that merely closes on weekends.
    expect(stdout.slice(stdout.indexOf('golden_cross on'))).not.toMatch(/^!/m);
    const [, list = ''] = stderr.split('Reports to open in a browser:\n');
    const reports = list.trim().split(/\s+/);
    expect(reports).toHaveLength(2);
    for (const report of reports) expect(await readFile(join(dir, report), 'utf8')).toContain('<!doctype html>');
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
});
