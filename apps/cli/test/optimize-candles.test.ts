import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { StudySummary } from '@quantbot/backtest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStudyWorkspace, type StudyWorkspace } from './study-workspace.ts';

/** Averages that cross both ways; the file says what can be searched. */
const CROSS = `name: cross
parameters:
  fast: {default: 5, low: 3, high: 9, step: 2}
  ratio: {default: 3, values: [2, 3, 4]}
  slow: \${fast} * \${ratio}
  stop_loss: {default: 0.02, values: [0.01, 0.02]}
entry:
  long: {when: "crosses_above(sma(\${fast}), sma(\${slow}))"}
  short: {when: "crosses_below(sma(\${fast}), sma(\${slow}))"}
  size: 0.5
exit:
  stop_loss: 0.02
  take_profit: {type: atr, value: 4}
`;

const STICKS = `
import time
from quantbot_engine.strategies.candle_strategy import CandleStrategy, Int
class Sticks(CandleStrategy):
    def parameter_space(self):
        return {"length": Int(6, 7, default=7)}
    def indicators(self, candles, params):
        return {"mean": candles.indicator("sma", length=params["length"])}
    def signals(self, candles, indicators, params):
        while params["length"] == 6:
            time.sleep(0.1)
        return {"enter_long": candles.close > indicators["mean"], "exit_long": candles.close < indicators["mean"]}
`;

const STUDY = `
strategy: {name: cross}
data: {symbol: WAVE, timeframe: 1h}
objectives: [final_balance, mar]
periods: [all, 30d]
sampler: grid
seed: 1
`;

/** Sixty days of hours: two waves of different length over a drift, so that averages cross often. */
function toWaves(): string {
  const rows = Array.from({ length: 1_440 }, (_, hour) => {
    const toPrice = (at: number): number => 100 + 6 * Math.sin(at / 9) + 3 * Math.sin(at / 41) + at / 200;
    const [open, close] = [toPrice(hour), toPrice(hour + 1)];
    const time = 1_704_067_200 + hour * 3600;
    return [time, open, Math.max(open, close) * 1.002, Math.min(open, close) * 0.998, close, 1000 + (hour % 24)].join(',');
  });
  return ['timestamp,open,high,low,close,volume', ...rows, ''].join('\n');
}

let workspace: StudyWorkspace;
beforeAll(async () => {
  workspace = await openStudyWorkspace();
  await workspace.write('WAVE_1h.csv', toWaves());
  await workspace.write('strategies/cross.yaml', CROSS);
  await workspace.write('study.yaml', STUDY);
  expect(await workspace.run('data', 'import', 'WAVE_1h.csv', '--quiet')).toMatchObject({ exitCode: 0 });
});
afterAll(async () => {
  await workspace[Symbol.asyncDispose]();
});

describe('quantbot optimize on a strategy of rules', () => {
  it("searches the strategy's own ranges when the study file has none, and every combination trades", async () => {
    const summary = await workspace.optimize('--config', 'study.yaml');
    expect(summary.study).toMatchObject({ strategy: 'cross', state: 'complete', objectives: ['final_balance', 'mar'] });
    const trials = await workspace.trials(summary.study.id);
    expect(trials).toHaveLength(4 * 3 * 2);
    expect(trials.every(({ state, figures }) => state === 'complete' && (figures[0]?.metrics['trades'] ?? 0) > 0)).toBe(true);
    const balances = new Set(trials.map(({ figures }) => figures[0]?.objectives['final_balance']));
    expect(balances.size).toBeGreaterThan(8);
    const [run = ''] = await readdir(join(workspace.dir, 'runs'));
    expect(await readFile(join(workspace.dir, 'runs', run, 'dashboard.html'), 'utf8')).toContain('cross');
    expect((await workspace.run('leaderboard')).stdout).toContain('cross');
  });

  it('takes the predecessor’s optimize_params, settings of the study above those of the strategy, and a range', async () => {
    await workspace.write(
      'own.yaml',
      `${STUDY}optimize_params: {stop_loss: [0.005, 0.05]}\nsimulation: {initial_capital: 500}\n`.replace(
        '1h}',
        '1h, from: 2024-01-20, to: 2024-02-10}',
      ),
    );
    const summary = await workspace.optimize('--config', 'own.yaml', '--no-report');
    const trials = await workspace.trials(summary.study.id);
    expect(trials.map(({ params }) => params)).toEqual([{ stop_loss: 0.005 }, { stop_loss: 0.05 }]);
    expect(trials[0]?.figures[0]?.objectives['final_balance']).toBeLessThan(1000);
    const [study] = await workspace.studies();
    expect(study?.definition.spec['range']).toEqual({ from_ms: Date.UTC(2024, 0, 20), to_ms: Date.UTC(2024, 1, 11) });
  });

  it('goes on after an interrupt to the result of an undisturbed run, even if the file has changed meanwhile', async () => {
    const random = ['--config', 'study.yaml', '--sampler', 'bayesian', '--trials', '48', '--seed', '5', '--no-report'];
    const undisturbed = await workspace.optimize(...random);
    const running = workspace.start('optimize', ...random, '--name', 'stopped');
    await waitForStudy('stopped');
    running.kill('SIGINT');
    await running.ended;
    const stopped = (await workspace.studies()).find(({ name }) => name === 'stopped');
    await workspace.write('strategies/cross.yaml', CROSS.replace('size: 0.5', 'size: 0.1'));
    const resumed = await workspace.run('studies', 'resume', stopped?.id ?? '', '--no-report', '--json');
    await workspace.write('strategies/cross.yaml', CROSS);
    expect(resumed).toMatchObject({ exitCode: 0 });
    const { study } = JSON.parse(resumed.stdout) as StudySummary;
    expect(await workspace.trials(study.id)).toEqual(await workspace.trials(undisturbed.study.id));
  });

  it.each([
    ['an unknown strategy', 'name: cross', 'name: crss', 4, 'did you mean cross'],
    ['a symbol without candles', 'WAVE', 'WAVES', 4, 'WAVES'],
    ['a parameter that the strategy does not have', 'seed: 1', 'parameters: {fats: [1]}', 3, 'has no parameter fats'],
    ['a timeframe that is none', '1h', '1hour', 3, 'study-bad.yaml:3:'],
    ['settings of calls', 'seed: 1', 'simulator_config: {initial_capital: 1}', 3, 'write simulation'],
  ])('refuses %s and records nothing', async (_what, from, to, exitCode, reason) => {
    const before = await workspace.studies();
    await workspace.write('study-bad.yaml', STUDY.replace(from, to));
    const run = await workspace.run('optimize', '--config', 'study-bad.yaml', '--no-report');
    expect(run).toMatchObject({ exitCode });
    expect(run.stderr).toContain(reason);
    expect(await workspace.studies()).toEqual(before);
  });

  it('shows a mistake in the strategy with its file, line and column', async () => {
    await workspace.write(
      'strategies/bad.yaml',
      CROSS.replace('name: cross', 'name: bad').replace('crosses_above(sma', 'crosses_above(smaa'),
    );
    await workspace.write('study-bad.yaml', STUDY.replace('name: cross', 'name: bad'));
    const run = await workspace.run('optimize', '--config', 'study-bad.yaml', '--no-report');
    expect(run).toMatchObject({ exitCode: 3 });
    expect(run.stderr).toMatch(/strategies\/bad\.yaml:8:31: .*unknown indicator, function or signal smaa; did you mean sma/);
  });

  it('fails a trial whose strategy never ends, and that one alone', async () => {
    await workspace.write('strategies/sticks.py', STICKS);
    const study = 'strategy: {name: sticks}\ndata: {symbol: WAVE, timeframe: 1h}\nobjectives: [final_balance]\nsampler: grid\n';
    await workspace.write('sticks.yaml', study);
    const summary = await workspace.optimize('--config', 'sticks.yaml', '--timeout', '2', '--no-report');
    const trials = await workspace.trials(summary.study.id);
    expect(trials.map(({ params, state, error }) => [params['length'], state, error?.code])).toEqual([
      [6, 'failed', 'ENGINE_TIMEOUT'],
      [7, 'complete', undefined],
    ]);
  });

  it('estimates a study before it runs', async () => {
    const run = await workspace.run('optimize', '--config', 'study.yaml', '--dry-run', '--json');
    expect(JSON.parse(run.stdout)).toMatchObject({ space_size: 24, trials: 24, failed_pilots: [] });
  });
});

async function waitForStudy(name: string): Promise<void> {
  while (!(await workspace.studies()).some((study) => study.name === name && study.trialsRecorded > 0)) await sleep(20);
}
