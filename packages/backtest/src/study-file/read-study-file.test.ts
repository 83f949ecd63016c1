import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { countSteps } from './parameters.ts';
import { readStudyFile, type StudyPlan } from './read-study-file.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'quantbot-study-test-'));
});
afterEach(async () => {
  await rm(dir, { recursive: true, force: true });
});

async function read(yaml: string): Promise<StudyPlan> {
  const path = join(dir, 'study.yaml');
  await writeFile(path, yaml);
  return readStudyFile(path);
}

const STRATEGY = 'strategy: {name: v1_baseline}\n';

describe('a study file', () => {
  it("reads the predecessor's file: parameters at top level, start/end/step", async () => {
    const plan = await read(`strategy:
  name: "RSI_MeanReversion_ETF"
  lean_project_path: "STR-001_RSI_MeanReversion_ETF"

parameters:
  rsi_period:
    start: 14
    end: 16
    step: 1
  entry_threshold:
    start: 25
    end: 30
    step: 5
`);
    expect(plan.strategy.lean_project_path).toBe('STR-001_RSI_MeanReversion_ETF');
    expect(plan.space.parameters).toMatchObject([
      { kind: 'range', name: 'rsi_period', start: 14, step: 1, count: 3 },
      { kind: 'range', name: 'entry_threshold', count: 2 },
    ]);
  });

  it('reads the other dialect: everything under optimization', async () => {
    const plan = await read(`${STRATEGY}optimization:
  parameters: {tp_mult: {low: 1.2, high: 6, log: true}}
  sampler: tpe
  trials: 200
  seed: 3
  objectives: [mar, final_balance]
`);
    expect(plan).toMatchObject({ trials: 200, seed: 3, objectives: ['mar', 'final_balance'], sampler: { name: 'bayesian' } });
    expect(plan.space.parameters).toMatchObject([{ kind: 'float', low: 1.2, high: 6, log: true }]);
  });

  it("knows the predecessor's word for the balance at the end, once", async () => {
    const plan = await read(`${STRATEGY}parameters: {tp_mult: [2, 3]}\nobjectives: [total_pnl, final_balance, mar]\n`);
    expect(plan.objectives).toEqual(['final_balance', 'mar']);
  });

  it('knows ranges, lists, single values, switches and conditions', async () => {
    const plan = await read(`${STRATEGY}parameters:
  positions: {low: 5, high: 50}
  weight: {low: 1, high: 2, type: float}
  hold: [12, 24, 48]
  fee: 30
  trailing: {type: bool}
  trail: {low: 0.05, high: 0.5, when: {trailing: true, hold: [24, 48]}}
`);
    expect(plan.space.parameters.map(({ kind }) => kind)).toEqual(['int', 'float', 'categorical', 'categorical', 'categorical', 'float']);
    expect(plan.space.parameters[5]?.when).toEqual([
      { parameter: 'trailing', values: [true] },
      { parameter: 'hold', values: [24, 48] },
    ]);
  });

  it('takes a bound with a point as any number, one without as whole numbers', async () => {
    const plan = await read(`${STRATEGY}optimization:
  parameters:
    weight: {low: 0.0, high: 1.0}
    count: {low: 0, high: 1}
`);
    expect(plan.space.parameters.map(({ kind }) => kind)).toEqual(['float', 'int']);
  });

  it('keeps constraints between parameters and on results', async () => {
    const plan = await read(`${STRATEGY}parameters: {fast: [1, 2], slow: [2, 3]}
constraints: [fast < slow]
result_constraints: [max_drawdown < 0.25]
success_criteria: {min_trades: 20}
`);
    expect(plan.space.constraints).toMatchObject([{ text: 'fast < slow' }]);
    expect(plan.resultConstraints).toMatchObject([{ text: 'max_drawdown < 0.25' }]);
    expect(plan.successCriteria).toEqual({ min_trades: 20 });
  });
});

const CANDLES = 'strategy: {name: cross}\ndata: {symbol: EURUSD, timeframe: 1h}\n';

describe('a study file about a strategy on candles', () => {
  it('names the strategy, what it trades, and settings above its own; parameters may come from the strategy', async () => {
    const plan = await read(`${CANDLES}simulation: {initial_capital: 500}\nconstraints: [fast < slow]\n`);
    expect(plan).toMatchObject({
      candles: { strategy: { name: 'cross' }, symbols: ['EURUSD'], timeframe: '1h' },
      simulation: { initial_capital: 500 },
      usesCalls: false,
      space: { parameters: [], constraints: [{ text: 'fast < slow' }] },
    });
  });

  it("reads the predecessor's optimize_params, with their place in the file", async () => {
    const plan = await read('strategy: {file: cross.yaml}\ndata: {symbols: [A, B]}\noptimize_params: {stop_loss: [0.01, 0.02]}\n');
    expect(plan.candles).toEqual({ strategy: { file: 'cross.yaml' }, symbols: ['A', 'B'], timeframe: undefined });
    expect(plan.space.parameters).toMatchObject([{ kind: 'categorical', name: 'stop_loss', values: [0.01, 0.02] }]);
    await expect(read(`${CANDLES}optimize_params: {a: {low: 2, high: 1}}\n`)).rejects.toThrow('study.yaml:3:22: a: low 2 is above high 1');
  });
});

describe('a study file that cannot be right', () => {
  it.each([
    ['an unknown key', `${STRATEGY}parmeters: {a: [1]}`, ':2:12', 'parmeters'],
    ['a sampler that does not exist', `${STRATEGY}parameters: {a: [1]}\nsampler: magic`, ':3:10', 'sampler'],
    ['no parameters', STRATEGY, '', 'expected parameters'],
    ['a range upside down', `${STRATEGY}parameters:\n  a: {low: 5, high: 1}`, ':3:6', 'low 5 is above high 1'],
    ['a logarithm of zero', `${STRATEGY}parameters:\n  a: {low: 0, high: 1, log: true}`, ':3:6', 'above 0'],
    ['a step of zero', `${STRATEGY}parameters:\n  a: {start: 0, end: 1, step: 0}`, ':3:', 'a'],
    ['a condition that cannot be read', `${STRATEGY}parameters: {a: [1]}\nconstraints:\n  - a < `, ':4:5', 'the end'],
    [
      'a constraint on an unknown parameter',
      `${STRATEGY}parameters: {a: [1]}\nconstraints: [b < 1]`,
      ':3:15',
      'no parameter b; there are a',
    ],
    ['a condition on an unknown parameter', `${STRATEGY}parameters:\n  a: {values: [1], when: {b: 1}}`, ':3:', 'no parameter b'],
    [
      'a field in both places',
      `${STRATEGY}trials: 5\noptimization: {trials: 6, parameters: {a: [1]}}`,
      ':3:24',
      'trials stands at top level',
    ],
    ['no strategy', 'strategy: {}\nparameters: {a: [1]}', ':1:11', 'expected name or file'],
    ['a strategy file without symbols', 'strategy: {file: s.yaml}', '', 'data.symbol'],
    ['one symbol and several', 'strategy: {name: s}\ndata: {symbol: A, symbols: [B]}', ':2:28', 'found both'],
    ['a timeframe that is none', 'strategy: {name: s}\ndata: {symbol: A, timeframe: hourly}', ':2:30', 'such as 5m, 1h'],
    ['callers of candles', 'strategy: {name: s}\ndata: {symbol: A, caller_groups: [x]}', ':2:34', 'calls have callers'],
    ['settings of candles for calls', `${STRATEGY}parameters: {a: [1]}\nsimulation: {size: 1}`, ':3:13', 'simulator_config'],
    ['parameters by two words', `${CANDLES}parameters: {a: [1]}\noptimize_params: {a: [1]}`, ':4:18', 'keep one of them'],
    ['text that is no YAML', 'strategy: {name: [', ':1:', ''],
    ['brackets without end', `a: ${'['.repeat(1000)}`, '', 'deep'],
  ])('%s: file, line, column and reason', async (_what, yaml, place, reason) => {
    await expect(read(yaml)).rejects.toMatchObject({
      code: 'INVALID_STUDY',
      message: expect.stringContaining(`study.yaml${place}`) as string,
    });
    await expect(read(yaml)).rejects.toThrow(reason);
  });

  it('a file that is not there', async () => {
    await expect(readStudyFile(join(dir, 'nowhere.yaml'))).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
  });
});

describe('start, end, step', () => {
  it.each([
    [0.1, 0.3, 0.1, 3],
    [14, 16, 1, 3],
    [0, 1, 0.4, 3],
    [0, 0.99, 0.4, 3],
    [1, 1, 5, 1],
    [0, 1, 0.001, 1001],
    [2, 1, 1, 0],
  ])('from %d to %d by %d has %d values', (start, end, step, count) => {
    expect(countSteps(start, end, step)).toBe(count);
  });
});
