import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GRID, openStudyWorkspace, WEIGHED, type StudyWorkspace } from './study-workspace.ts';

let workspace: StudyWorkspace;
beforeAll(async () => {
  workspace = await openStudyWorkspace({ withMarket: true });
  await workspace.write('grid.yaml', GRID);
  await workspace.writePaced(60, 0);
  await workspace.write('weighed.yaml', WEIGHED);
});
afterAll(async () => {
  await workspace[Symbol.asyncDispose]();
});

/** What two studies of the same trials share. */
const toOutcome = async (id: string): Promise<unknown> => workspace.trials(id);

describe('quantbot optimize', () => {
  it('tries every combination of a grid and says which was best', async () => {
    const run = await workspace.run('optimize', '--config', 'grid.yaml', '--no-report');
    expect(run).toMatchObject({ exitCode: 0 });
    expect(run.stdout).toContain('24 trials, 24 accepted, 0 rejected');
    expect(run.stdout).toMatch(/Best 10 by final balance \(all\)\nTrial {2}final balance {2}tp_mult/);
    expect(run.stderr).toMatch(/Seed (\d+) \(chosen for you; --seed \1 repeats this study\)/);
  });

  it('gives the same trials for the same seed, however many workers there are', async () => {
    const study = ['--config', 'weighed.yaml', '--sampler', 'random', '--trials', '40', '--seed', '5', '--no-report'];
    const [one, two] = await Promise.all([
      workspace.optimize(...study, '--max-workers', '1'),
      workspace.optimize(...study, '--max-concurrent', '2'),
    ]);
    expect(await toOutcome(two.study.id)).toEqual(await toOutcome(one.study.id));
    expect(one.counts.recorded).toBe(40);
  });

  it('reads both dialects: the same study under optimization gives the same trials', async () => {
    const [strategy = '', ...rest] = WEIGHED.trim().split('\n');
    await workspace.write('nested.yaml', `${strategy}\noptimization:\n${rest.map((line) => `  ${line}`).join('\n')}\n`);
    const [flat, nested] = await Promise.all([
      workspace.optimize('--config', 'weighed.yaml', '--seed', '1', '--no-report'),
      workspace.optimize('--config', 'nested.yaml', '--seed', '1', '--no-report'),
    ]);
    expect(await toOutcome(nested.study.id)).toEqual(await toOutcome(flat.study.id));
  });

  it('lets flags win over the file', async () => {
    const summary = await workspace.optimize(
      ...['--config', 'weighed.yaml', '--sampler', 'sobol', '--trials', '8', '--seed', '2', '--objectives', 'cps,mar', '--name', 'mine'],
      ...['--stages', '90d,all', '--stage', '1y', '--no-report'],
    );
    expect(summary.study).toMatchObject({
      name: 'mine',
      sampler: 'quasi_random',
      budget: 8,
      objectives: ['cps', 'mar'],
      periods: ['90d', 'all', '1y'],
      leading_period: '1y',
    });
  });

  it('counts rejections by reason, lists failed trials with their error, and keeps both', async () => {
    const criteria = 'success_criteria: {min_trades: 20}\nresult_constraints: [total_return < 0.05]\n';
    await workspace.write('judged.yaml', `${await readFile(join(workspace.dir, 'paced.yaml'), 'utf8')}${criteria}`);
    const run = await workspace.run('optimize', '--config', 'judged.yaml', '--no-report');
    expect(run.stdout).toContain('60 trials, 20 accepted, 39 rejected, 0 pruned, 1 failed');
    expect(run.stdout).toMatch(/min_trades +39\ntotal_return < 0.05 +10/);
    expect(run.stdout).toContain('#13 STRATEGY_FAILED: ValueError: thirteen is unlucky');
  });

  it('estimates size, time and memory from three pilot trials, and records nothing', async () => {
    const before = [await workspace.studies(), await readdir(join(workspace.dir, 'runs')), await readdir(join(workspace.dir, 'data'))];
    const run = await workspace.run('optimize', '--config', 'grid.yaml', '--dry-run', '--json');
    expect(run).toMatchObject({ exitCode: 0 });
    expect(JSON.parse(run.stdout)).toMatchObject({ space_size: 24, trials: 24, pilot_trials: 3, failed_pilots: [] });
    const text = await workspace.run('optimize', '--config', 'weighed.yaml', '--dry-run', '--sampler', 'random', '--trials', '1000');
    expect(text.stdout).toMatch(
      /Space +40 combinations\nTrials +1,000 \(random, seed \d+\)\nTime +about \d+ s: .* per trial, \d workers?\nMemory/,
    );
    const after = [await workspace.studies(), await readdir(join(workspace.dir, 'runs')), await readdir(join(workspace.dir, 'data'))];
    expect(after).toEqual(before);
  });
});

describe('a mistake in what was asked', () => {
  it.each([
    [['--config', 'none.yaml'], 4, 'none.yaml'],
    [[], 2, 'expected one of --config FILE'],
    [['--config', 'grid.yaml', '--resume-from', 'x'], 2, 'expected one of --config FILE'],
    [['--config', 'grid.yaml', '--sampler', 'magic'], 2, 'quasi_random, bayesian'],
    [['--config', 'grid.yaml', '--cpu-fraction', '1.5'], 2, '--cpu-fraction'],
    [['--config', 'grid.yaml', '--max-workers', '2', '--cpu-fraction', '0.5'], 2, 'give one of them'],
    [['--config', 'grid.yaml', '--stage', '2y'], 2, '30d, 90d, 1y, all'],
    [['--resume-from', 'abc', '--trials', '9'], 2, '--trials goes with --config'],
    [['--resume-from', 'nosuch'], 4, 'no study has the id nosuch'],
  ])('%j ends with code %d and says what is wrong', async (args, exitCode, words) => {
    const run = await workspace.run('optimize', ...args);
    expect(run).toMatchObject({ exitCode, stdout: '' });
    expect(run.stderr).toContain(words);
  });

  it('in the file is shown with file, line and column', async () => {
    await workspace.write('wrong.yaml', GRID.replace('step: 0.25', 'step: -1'));
    const run = await workspace.run('optimize', '--config', 'wrong.yaml');
    expect(run).toMatchObject({ exitCode: 3 });
    expect(run.stderr).toMatch(/wrong\.yaml:4:\d+/);
  });

  it('that only the engine can see leaves no study behind', async () => {
    const before = await workspace.studies();
    const run = await workspace.run('optimize', '--config', 'weighed.yaml', '--objectives', 'fame');
    expect(run).toMatchObject({ exitCode: 3 });
    expect(run.stderr).toContain("found 'fame'");
    expect(await workspace.studies()).toEqual(before);
    expect((await readdir(join(workspace.dir, 'runs'))).length).toBe(0);
  });
});

describe('the help', () => {
  it.each([
    'optimize',
    'studies list',
    'studies show',
    'studies watch',
    'studies resume',
    'studies cancel',
    'studies export',
    'studies delete',
    'leaderboard',
  ])('of %s ends with three examples', async (command) => {
    const run = await workspace.run(...command.split(' '), '--help');
    expect(run).toMatchObject({ exitCode: 0 });
    expect(run.stdout.match(/^ {2}\$ quantbot /gm)).toHaveLength(3);
  });
});
