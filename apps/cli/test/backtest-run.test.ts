import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findTemplate, renderTemplate } from '@quantbot/backtest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toPriceCsv } from './candle-files.ts';
import { DEATH_CROSS } from './seed-strategy.ts';
import { runCli, type CliRun } from './run-cli.ts';

const EURUSD = join(import.meta.dirname, '../../../../shared/data/forex/EURUSD_1h.csv.gz');

/** The predecessor's request, as its documentation has it. */
const SEED_REQUEST = {
  strategy_name: 'test_death_cross_strategy',
  symbol: 'EURUSD',
  timeframe: '1h',
  start_date: '2024-02-01T00:00:00Z',
  end_date: '2024-02-07T23:59:59Z',
  initial_capital: 10000.0,
};

const BROKEN = {
  'syntax.py': 'def x(:\n',
  'raises.py': `
from quantbot_engine.strategies.candle_strategy import CandleStrategy
class Raises(CandleStrategy):
    def signals(self, candles, indicators, params):
        return {"enter_long": candles.close > candles.nothing}
`,
  'endless.py': `
from quantbot_engine.strategies.candle_strategy import CandleStrategy
class Endless(CandleStrategy):
    def signals(self, candles, indicators, params):
        while True:
            pass
`,
  // Sleeping ones never end either, and leave the processor to others.
  'endless_import.py': 'import time\nwhile True:\n    time.sleep(1)\n',
  'endless_space.py': `
import time
from quantbot_engine.strategies.candle_strategy import CandleStrategy
class EndlessSpace(CandleStrategy):
    def parameter_space(self):
        while True:
            time.sleep(1)
    def signals(self, candles, indicators, params):
        return {}
`,
  'cheats.py': `
import numpy as np
from quantbot_engine.strategies.candle_strategy import CandleStrategy
class Cheats(CandleStrategy):
    """Knows tomorrow."""
    def indicators(self, candles, params):
        return {"tomorrow": np.roll(candles.close, -1)}
    def signals(self, candles, indicators, params):
        return {"enter_long": indicators["tomorrow"] > candles.close}
`,
  'unknown_signal.yaml': 'name: unknown_signal\nentry:\n  when:\n    - signal: ma_crosover\n  action: buy\n',
  'cyclic.yaml': 'name: cyclic\nparameters: { a: "${b} + 1", b: "${a} + 1" }\nentry: { when: ["close > a"], action: buy }\n',
  'zero.yaml': 'name: zero\nparameters: { zero: 0 }\nentry: { when: ["close / zero > 1"], action: buy }\n',
};

describe('quantbot backtest run and quantbot strategies', () => {
  let dir: string;
  const run = (...args: string[]): Promise<CliRun> => runCli(args, { cwd: dir });
  const summary = ({ stdout }: CliRun): { total_trades: number; result: { symbols: { candles: number; interval_s: number }[] } } =>
    JSON.parse(stdout) as never;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'quantbot-run-test-'));
    await run('init');
    await writeFile(join(dir, 'EUR-USD_1h.csv'), toPriceCsv());
    expect(await run('data', 'import', 'EUR-USD_1h.csv', '--quiet')).toMatchObject({ exitCode: 0 });
    await run('strategies', 'new', 'golden', '--template', 'golden_cross');
    const golden = join(dir, 'strategies', 'golden.yaml');
    const text = await readFile(golden, 'utf8');
    await writeFile(golden, text.replace('slow: 50', 'slow: { default: 50, low: 40, high: 80, step: 20 }'));
    await writeFile(join(dir, 'strategies', 'test-death-cross.yaml'), DEATH_CROSS);
    await writeFile(join(dir, 'test-death-cross.json'), JSON.stringify(SEED_REQUEST));
    for (const [name, text] of Object.entries(BROKEN)) await writeFile(join(dir, 'strategies', name), text);
  });
  afterAll(async () => {
    await rm(dir, { recursive: true, force: true });
  });

  it("the predecessor's request runs and trades", async () => {
    const ended = await run('backtest', 'run', '--request', 'test-death-cross.json', '--json', '--no-report');
    expect(ended).toMatchObject({ exitCode: 0 });
    expect(summary(ended).total_trades).toBeGreaterThan(0);
  });

  it('prints tables, writes a report, and makes coarser candles of finer ones', async () => {
    const ended = await run(
      'backtest',
      'run',
      'golden',
      '--symbol',
      'EURUSD',
      '--timeframe',
      '4h',
      '--set',
      'fast=5',
      '--set',
      'slow=20',
      '--fee-bps',
      '0',
    );
    expect(ended).toMatchObject({ exitCode: 0 });
    expect(ended.stdout).toMatch(/golden on EUR-USD, 4h candles/);
    expect(ended.stdout).toMatch(/Trades\s+[1-9]/);
    expect(ended.stderr).toContain('report.html');
    const [folder] = await readdir(join(dir, 'runs'));
    expect(await readdir(join(dir, 'runs', folder ?? ''))).toContain('trades.csv');
  });

  it.each([
    ['syntax', [], 3, /syntax\.py.*line 1/],
    ['raises', [], 5, /raises\.py:5.*nothing/],
    ['unknown_signal', [], 3, /unknown_signal\.yaml:4:\d+: .*ma_crosover.*did you mean ma_crossover/],
    ['cyclic', [], 3, /cyclic\.yaml:2:\d+/],
    ['zero', [], 3, /zero\.yaml:3:\d+: .*division by zero/],
    ['golden', ['--set', 'slwo=3'], 3, /no parameter slwo.*did you mean slow/],
    ['golden', ['--symbol', 'EURUSB'], 4, /EURUSB.*did you mean EUR-USD/],
    ['golden', ['--from', '2031-01-01'], 4, /candles go from 2024-01-01 00:00/],
  ])('%s with %j says what is wrong', async (name, flags, exitCode, message) => {
    const ended = await run('backtest', 'run', name, '--no-report', '--quiet', ...flags);
    expect(ended).toMatchObject({ exitCode, stdout: '' });
    expect(ended.stderr).toMatch(message);
  });

  it('a strategy that never ends is ended in time, wherever it hangs', async () => {
    const names = ['endless', 'endless_import', 'endless_space'];
    const ended = await Promise.all(names.map((name) => run('backtest', 'run', name, '--no-report', '--quiet', '--timeout', '2')));
    for (const each of ended) expect(each).toMatchObject({ exitCode: 124, stdout: '', stderr: expect.stringContaining('2 s') as string });
  });

  it('the list shows broken strategies and the others unharmed', async () => {
    const ended = await run('strategies', 'list', '--json', '--timeout', '5');
    expect(ended).toMatchObject({ exitCode: 0 });
    const { strategies, problems } = JSON.parse(ended.stdout) as { strategies: { name: string }[]; problems: { file: string }[] };
    expect(strategies.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['golden', 'test_death_cross_strategy', 'cheats', 'endless']),
    );
    expect(problems.map(({ file }) => file)).toEqual(
      expect.arrayContaining([
        'strategies/cyclic.yaml',
        'strategies/unknown_signal.yaml',
        'strategies/endless_import.py',
        'strategies/endless_space.py',
        'strategies/syntax.py',
      ]),
    );
  });

  it('costs of a swap are those of the token that is traded, unless another is named', async () => {
    await writeFile(join(dir, 'swaps.json'), JSON.stringify({ EUR: { '5000': 0.01, gas: 1 }, PEPE: { '5000': 0.02, gas: 2 } }));
    const swap = (...flags: string[]): Promise<CliRun> =>
      run('backtest', 'run', 'golden', '--swap-costs', 'swaps.json', '--directions', 'long', '--json', '--no-report', ...flags);
    const [own, other, unknown] = await Promise.all([swap(), swap('--swap-token', 'pepe'), swap('--swap-token', 'HEX')]);
    const gasOf = ({ stdout }: CliRun): number =>
      (JSON.parse(stdout) as { result: { rules: { costs: { gas_buy: number } } } }).result.rules.costs.gas_buy;
    expect([gasOf(own), gasOf(other)]).toEqual([1, 2]);
    expect(unknown).toMatchObject({
      exitCode: 2,
      stderr: expect.stringMatching(/--swap-token: .*no swap costs of HEX.*EUR, PEPE/) as string,
    });
  });

  it('a strategy that knows tomorrow is caught, and its indicator named', async () => {
    const ended = await run('strategies', 'check', 'cheats');
    expect(ended).toMatchObject({ exitCode: 5 });
    expect(ended.stdout).toMatch(/LOOKS AHEAD[^]*indicator tomorrow/);
    expect(await run('strategies', 'check', 'golden')).toMatchObject({ exitCode: 0 });
  });

  it('a strategy is shown with its parameters, its rules in words and its settings', async () => {
    const { stdout } = await run('strategies', 'show', 'golden');
    expect(stdout).toMatch(/slow\s+50\s+40 to 80 by 20/);
    expect(stdout).toMatch(/buys when ma_crossover\(fast_period fast=20, slow_period slow=50\) has crossover_type golden_cross/);
    expect(stdout).toMatch(/stop_loss\s+2\.0%/);
  });

  it('a file of a strategy is never overwritten', async () => {
    expect(await run('strategies', 'new', 'golden', '--template', 'golden_cross')).toMatchObject({ exitCode: 2 });
  });
});

describe.skipIf(!existsSync(EURUSD))('EURUSD, hourly, 2017 to 2018 (only where shared/data lies beside the repository)', () => {
  it('golden and death cross trade', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'quantbot-eurusd-test-'));
    try {
      const run = (...args: string[]): Promise<CliRun> => runCli(args, { cwd: dir });
      await writeFile(join(dir, 'quantbot.yaml'), 'version: 1\n');
      await mkdir(join(dir, 'strategies'));
      await run('data', 'import', EURUSD, '--quiet');
      for (const template of ['golden_cross', 'death_cross']) {
        const { fileName, text } = await renderTemplate(findTemplate(template), template);
        await writeFile(join(dir, 'strategies', fileName), text);
        const ended = await run('backtest', 'run', template, '--timeframe', '1h', '--json', '--no-report');
        expect((JSON.parse(ended.stdout) as { total_trades: number }).total_trades).toBeGreaterThan(20);
      }
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  });
});
