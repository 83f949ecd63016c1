import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { PythonEngine, V1BaselinePythonService } from '@quantbot/backtest';
import { afterAll, describe, expect, it } from 'vitest';

const engine = new PythonEngine();
const service = new V1BaselinePythonService(engine);
afterAll(() => {
  engine.close();
});

/** Entry at 1.0; then the price runs to 2.3, touching 2.5. */
const RUN_UP = [
  { timestamp: 1735689600, open: 1, high: 1.05, low: 0.95, close: 1, volume: 1000 },
  { timestamp: 1735689660, open: 1, high: 2.5, low: 0.95, close: 2.3, volume: 1000 },
];
/** Entry at 1.0; then the price collapses. */
const COLLAPSE = [
  { timestamp: 1735689600, open: 1, high: 1, low: 1, close: 1, volume: 1000 },
  { timestamp: 1735689660, open: 1, high: 1, low: 0.2, close: 0.3, volume: 1000 },
];
const CALLS = [
  { id: 'call1', mint: 'TOKEN_A', caller: 'CallerA', ts_ms: 1735689600000 },
  { id: 'call2', mint: 'TOKEN_B', caller: 'CallerB', ts_ms: 1735689600000 },
];
const MARKET = { calls: CALLS, candles_by_call_id: { call1: RUN_UP, call2: COLLAPSE } };
const GRID = { tp_mults: [1.5, 2, 2.5], sl_mults: [0.85, 0.9], max_hold_hrs: [48] };

describe('V1BaselinePythonService', () => {
  it("runs the predecessor's example as it is written", async () => {
    const result = await service.optimizeV1Baseline({
      calls: [{ id: 'call1', mint: 'TOKEN_A', caller: 'CallerA', ts_ms: 1735689600000 }],
      candles_by_call_id: { call1: [{ timestamp: 1735689600, open: 1.0, high: 2.5, low: 0.95, close: 2.3, volume: 1000 }] },
      param_grid: { tp_mults: [1.5, 2.0, 2.5], sl_mults: [0.85, 0.9], max_hold_hrs: [48.0] },
      simulator_config: { initial_capital: 10000, max_allocation_pct: 0.05, max_risk_per_trade: 0.02, max_concurrent_positions: 25 },
    });
    expect(result.best_params).toEqual({ tp_mult: 1.5, sl_mult: 0.85, max_hold_hrs: 48 });
    // One candle is an entry and the end of the data: the trade costs its fees. 500 * 40 bps * 2 = 4.
    expect(result.best_final_capital).toBe(9996);
    expect(result.params_evaluated).toBe(6);
  });

  it('simulates one set of parameters with the usual defaults', async () => {
    const result = await service.simulate({ ...MARKET, params: { tp_mult: 2, sl_mult: 0.85 } });
    expect(result.completed_trades.map(({ call_id, exit_reason }) => [call_id, exit_reason])).toEqual([
      ['call1', 'take_profit'],
      ['call2', 'stop_loss'],
    ]);
    // 4 % of 10,000 doubles, less 0.4 % on both sides.
    expect(result.completed_trades[0]?.pnl).toBeCloseTo(400 - 400 * 0.008, 9);
  });

  it('judges each caller alone', async () => {
    const result = await service.optimizeV1BaselinePerCaller({ ...MARKET, param_grid: GRID });
    expect(result['CallerA']).toMatchObject({ collapsed_capital: false, best_params: { tp_mult: 2.5 } });
    expect(result['CallerB']).toMatchObject({ collapsed_capital: true });
  });

  it('trades the callers that pass the filters together', async () => {
    const result = await service.runV1BaselineGroupedEvaluation({
      ...MARKET,
      param_grid: GRID,
      filter_collapsed: true,
      filter_extreme: false,
    });
    expect(result.selected_callers).toEqual(['CallerA']);
    expect(result.excluded_callers).toMatchObject([{ caller: 'CallerB' }]);
    expect(result.grouped_result?.trades_executed).toBe(1);
    expect(result.grouped_result?.completed_trades[0]?.call_id).toBe('call1');
  });

  it('says "no candles" of a call that has none, and goes on', async () => {
    const result = await service.simulate({
      calls: CALLS,
      candles_by_call_id: { call1: RUN_UP, call2: [] },
      params: { tp_mult: 2, sl_mult: 0.85 },
    });
    expect(result.skipped_calls).toEqual([{ call_id: 'call2', reason: 'no_candles' }]);
  });

  it.each([
    ['a field that does not exist', { ...MARKET, params: { tp_mult: 2, sl_mult: 0.9 }, leverage: 3 }, 'leverage'],
    ['a stop at the entry price', { ...MARKET, params: { tp_mult: 2, sl_mult: 1 } }, 'params.sl_mult'],
    ['no market at all', { params: { tp_mult: 2, sl_mult: 0.9 } }, '`slice`'],
  ])('refuses %s before Python is asked', async (_what, config, named) => {
    await expect(service.simulate(config)).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
      message: expect.stringContaining(named) as string,
    });
  });

  it('names call, row and reason of a bad candle', async () => {
    const broken = [RUN_UP[0], { ...RUN_UP[1], high: 0.5 }];
    await expect(
      service.simulate({ calls: CALLS, candles_by_call_id: { call1: broken as typeof RUN_UP }, params: { tp_mult: 2, sl_mult: 0.9 } }),
    ).rejects.toMatchObject({ code: 'INVALID_MARKET_DATA', message: expect.stringMatching(/call1.*2/) as string });
  });

  it('leaves no candles behind on the disk', () => {
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith(`quantbot-slice-${String(process.pid)}-`))).toEqual([]);
  });
});
