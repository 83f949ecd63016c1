import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCli } from './run-cli.ts';

const CANDLES = [
  { timestamp: 1735689600, open: 1, high: 1.05, low: 0.95, close: 1, volume: 1000 },
  { timestamp: 1735689660, open: 1, high: 2.5, low: 0.95, close: 2.3, volume: 1000 },
];
const SIMULATE = {
  operation: 'simulate',
  calls: [{ id: 'call1', mint: 'TOKEN_A', caller: 'CallerA', ts_ms: 1735689600000 }],
  candles_by_call_id: { call1: CANDLES },
  params: { tp_mult: 2, sl_mult: 0.85 },
};

const engine = (input: string) => runCli(['engine'], { cwd: tmpdir(), input });

describe('quantbot engine < request.json', () => {
  it('prints the result and nothing else', async () => {
    const run = await engine(JSON.stringify(SIMULATE));
    expect(run).toMatchObject({ exitCode: 0, stderr: '' });
    expect(JSON.parse(run.stdout)).toMatchObject({ trades_executed: 1, completed_trades: [{ exit_reason: 'take_profit', exit_px: 2 }] });
  });

  it('answers exactly what python -m quantbot_engine answers', async () => {
    const repo = join(import.meta.dirname, '../../..');
    const python = spawnSync(join(repo, '.venv/bin/python'), ['-m', 'quantbot_engine'], {
      input: JSON.stringify(SIMULATE),
      encoding: 'utf8',
      env: { ...process.env, PYTHONPATH: join(repo, 'engine/src') },
    });
    expect(python.status).toBe(0);
    expect(JSON.parse((await engine(JSON.stringify(SIMULATE))).stdout)).toEqual(JSON.parse(python.stdout));
  });

  it('trades 2 % of equity with max_risk_per_trade 0.02', async () => {
    const run = await engine(JSON.stringify({ ...SIMULATE, simulator_config: { max_risk_per_trade: 0.02, max_allocation_pct: 1 } }));
    // 2 % of 10,000 at risk over a stop 15 % away.
    expect(JSON.parse(run.stdout)).toMatchObject({ completed_trades: [{ size: 200 / (1 - 0.85) }] });
  });

  it.each([
    ['nothing at all', '', 'INVALID_REQUEST', ''],
    ['text that is no JSON', 'tp_mult: 2', 'INVALID_REQUEST', ''],
    ['half a document', JSON.stringify(SIMULATE).slice(0, -20), 'INVALID_REQUEST', ''],
    ['an unknown operation', JSON.stringify({ ...SIMULATE, operation: 'predict' }), 'INVALID_REQUEST', 'predict'],
    ['an unknown key', JSON.stringify({ ...SIMULATE, take_profit: 2 }), 'INVALID_REQUEST', 'take_profit'],
    ['sl_mult 1.0', JSON.stringify({ ...SIMULATE, params: { tp_mult: 2, sl_mult: 1.0 } }), 'INVALID_REQUEST', 'sl_mult'],
    ['tp_mult 0.9', JSON.stringify({ ...SIMULATE, params: { tp_mult: 0.9, sl_mult: 0.5 } }), 'INVALID_REQUEST', 'tp_mult'],
    [
      'max_hold_hrs 0',
      JSON.stringify({ ...SIMULATE, params: { tp_mult: 2, sl_mult: 0.5, max_hold_hrs: 0 } }),
      'INVALID_REQUEST',
      'max_hold_hrs',
    ],
    [
      'an empty grid axis',
      JSON.stringify({ ...SIMULATE, operation: 'optimize', params: undefined, param_grid: { tp_mults: [] } }),
      'INVALID_REQUEST',
      'tp_mults',
    ],
    ['a duplicate call id', JSON.stringify({ ...SIMULATE, calls: [...SIMULATE.calls, ...SIMULATE.calls] }), 'INVALID_MARKET_DATA', 'call1'],
    ['a NaN price', JSON.stringify(SIMULATE).replace('"close":2.3', '"close":NaN'), 'INVALID_REQUEST', ''],
    ['high below low', JSON.stringify(SIMULATE).replace('"high":2.5', '"high":0.5'), 'INVALID_MARKET_DATA', 'high'],
    ['times that go backwards', JSON.stringify(SIMULATE).replace('1735689660', '1735689000'), 'INVALID_MARKET_DATA', 'timestamp'],
    ['a time that stands twice', JSON.stringify(SIMULATE).replace('1735689660', '1735689600'), 'INVALID_MARKET_DATA', 'timestamp'],
    [
      'a slice that is not there',
      JSON.stringify({ operation: 'simulate', slice: { path: '/no/such/slice', id: 'x' }, params: SIMULATE.params }),
      'SLICE_NOT_FOUND',
      '/no/such/slice',
    ],
  ])('answers %s with one JSON error and a non-zero exit code', async (_what, input, code, named) => {
    const run = await engine(input);
    expect(run.exitCode).toBeGreaterThan(0);
    const answer = JSON.parse(run.stdout) as { error: { code: string; message: string } };
    expect(Object.keys(answer)).toEqual(['error']);
    expect(answer.error.code).toBe(code);
    expect(answer.error.message).toContain(named);
  });
});
