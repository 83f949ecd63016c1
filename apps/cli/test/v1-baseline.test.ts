import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { V1BaselineOutcome } from '@quantbot/backtest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeMarketFiles } from './market-files.ts';
import { runCli, type CliOptions, type CliRun } from './run-cli.ts';

let dir: string;
const v1 = (...args: string[]): Promise<CliRun> => runCli(['backtest', 'v1-baseline', ...args], { cwd: dir });
const outcomeOf = async (...args: string[]): Promise<V1BaselineOutcome> => {
  const run = await v1('--json', '--no-report', ...args);
  expect(run).toMatchObject({ exitCode: 0 });
  return JSON.parse(run.stdout) as V1BaselineOutcome;
};

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'quantbot-cli-test-'));
  await writeMarketFiles(dir);
  expect(await runCli(['init', '.'], { cwd: dir })).toMatchObject({ exitCode: 0 });
  expect(await runCli(['data', 'import', 'candles', 'calls.csv'], { cwd: dir })).toMatchObject({ exitCode: 0 });
});
afterAll(async () => {
  await rm(dir, { recursive: true, force: true });
});

describe('quantbot backtest v1-baseline', () => {
  it("runs the predecessor's example as it is written", async () => {
    const args =
      '--from 2024-01-01 --to 2024-01-31 --mode grouped --initial-capital 10000 --max-allocation-pct 0.05 --max-risk-per-trade 0.02 --max-concurrent-positions 25 --filter-collapsed --filter-extreme';
    const run = await v1(...args.split(' '));
    expect(run.exitCode).toBe(0);
    expect(run.stdout).toContain('Group on one shared capital');
  });

  it('judges callers alone and together', async () => {
    const outcome = await outcomeOf('--tp-mults', '1.5,2,3');
    const callers = Object.fromEntries((outcome.per_caller ?? []).map((caller) => [caller.caller, caller]));
    expect(Object.keys(callers)).toEqual(['good', 'bad', 'mixed']);
    expect(callers['good']).toMatchObject({ collapsed_capital: false, best_params: { tp_mult: 3 } });
    expect(callers['bad']).toMatchObject({ collapsed_capital: true });
    expect(outcome.grouped?.selected_callers).not.toContain('bad');
  });

  it('takes 2 % of equity as risk with --max-risk-per-trade 0.02', async () => {
    const outcome = await outcomeOf(
      '--mode',
      'optimize',
      '--max-risk-per-trade',
      '0.02',
      '--max-allocation-pct',
      '1',
      '--tp-mults',
      '2',
      '--sl-mults',
      '0.8',
    );
    expect(outcome.optimize?.best_result?.completed_trades[0]?.size).toBeCloseTo((0.02 * 10_000) / 0.2, 6);
  });

  it('prints the same bytes for one and two workers, from a flag or from the environment', async () => {
    const [one, two, environment] = await Promise.all([
      v1('--json', '--no-report', '--workers', '1'),
      v1('--json', '--no-report', '--workers', '2'),
      runCli(['backtest', 'v1-baseline', '--json', '--no-report'], { cwd: dir, env: { V1_OPTIMIZER_THREADS: '2' } }),
    ]);
    expect(one.exitCode).toBe(0);
    expect(two.stdout).toBe(one.stdout);
    expect(environment.stdout).toBe(one.stdout);
  });

  it('keeps stdout a clean document and progress on stderr', async () => {
    const run = await v1('--json', '--no-report');
    expect(run.stdout.trimEnd().split('\n')).toHaveLength(1);
    expect(run.stderr).toContain('Searching');
    expect((await v1('--json', '--no-report', '--quiet')).stderr).toBe('');
  });

  it('writes a report of its own for every run, and says where', async () => {
    const run = await v1('--mode', 'both');
    const path = /^Report: (.+report\.html)$/m.exec(run.stderr)?.[1];
    expect(path).toBeDefined();
    const files = await readdir(join(dir, path ?? '', '..'));
    expect(files.sort()).toEqual(['callers.csv', 'grid.csv', 'manifest.json', 'report.html', 'result.json', 'skipped.csv', 'trades.csv']);
    await v1('--mode', 'both');
    expect((await readdir(join(dir, 'runs'))).length).toBeGreaterThanOrEqual(2);
  });

  it('keeps in result.json what --json prints', async () => {
    await v1('--report', 'my-report');
    expect(JSON.parse(await readFile(join(dir, 'my-report', 'result.json'), 'utf8'))).toEqual(await outcomeOf());
  });

  it('prints one row per caller and one for the group as CSV', async () => {
    const run = await v1('--format', 'csv', '--no-report');
    expect(run.stdout.trimEnd().split('\n')).toHaveLength(1 + 3 + 1);
  });

  it('lists calls that the data cannot answer, and --no-allow-partial leaves partly covered ones out', async () => {
    const all = await outcomeOf('--max-hold-hrs', '72');
    expect(all.data.calls_partial).toBeGreaterThan(0);
    const whole = await outcomeOf('--max-hold-hrs', '72', '--no-allow-partial');
    expect(whole.data.calls_used).toBe(whole.data.calls_full);
    expect(whole.data.excluded.every(({ reason }) => reason === 'too_new')).toBe(true);
  });

  it('leaves callers with too few calls out, and says so', async () => {
    const outcome = await outcomeOf('--to', '2024-01-02', '--min-calls', '8', '--caller-groups', 'good,mixed');
    expect(outcome.data.callers_below_min_calls).toEqual([]);
    const few = await v1('--to', '2024-01-02', '--min-calls', '9', '--no-report');
    expect(few).toMatchObject({ exitCode: 4 });
    expect(few.stderr).toContain('--min-calls');
  });
});

describe('input that cannot be right', () => {
  it.each([
    ['sl_mult 1.0', ['--sl-mults', '1.0'], 3, 'sl_mults'],
    ['tp_mult 0.9', ['--tp-mults', '0.9'], 3, 'tp_mults'],
    ['max_hold_hrs 0', ['--max-hold-hrs', '0'], 3, 'max_hold_hrs'],
    ['an empty grid axis', ['--tp-mults', ','], 3, 'tp_mults'],
    ['a word for a number', ['--initial-capital', 'plenty'], 2, '--initial-capital'],
    ['an unknown flag', ['--take-profit', '2'], 2, '--take-profit'],
    ['an unknown mode', ['--mode', 'fast'], 2, 'per-caller'],
    ['a range without calls', ['--from', '2030-01-01'], 4, '2024-01-02'],
    ['an unknown caller', ['--caller-groups', 'nobody'], 4, 'good, bad, mixed'],
    ['an interval that the data does not have', ['--interval', '1m'], 4, '5m'],
    ['a range that ends before it begins', ['--from', '2024-01-05', '--to', '2024-01-02'], 2, '--to'],
  ])('%s is refused with its own exit code and what was expected', async (_what, args, exitCode, named) => {
    const run = await v1(...args, '--report', 'never');
    expect(run.exitCode).toBe(exitCode);
    expect(run.stdout).toBe('');
    expect(run.stderr).toContain(named);
    expect(await readdir(dir)).not.toContain('never');
  });

  it('calls without any candles are refused', async () => {
    const empty = await mkdtemp(join(tmpdir(), 'quantbot-cli-test-'));
    await runCli(['init'], { cwd: empty });
    await writeFile(join(empty, 'calls.csv'), 'call_ts,caller,token\n1704200000,good,NOWHERE\n');
    await runCli(['data', 'import', 'calls.csv'], { cwd: empty });
    const run = await runCli(['backtest', 'v1-baseline'], { cwd: empty });
    expect(run).toMatchObject({ exitCode: 4, stdout: '' });
    expect(run.stderr).toContain('NO_CANDLES');
    await rm(empty, { recursive: true });
  });

  it('a misspelt key of quantbot.yaml is named with its line', async () => {
    const path = join(dir, 'quantbot.yaml');
    const before = await readFile(path, 'utf8');
    await writeFile(path, 'version: 1\nv1_baseline:\n  simulator_config:\n    inital_capital: 5\n');
    const run = await v1('--no-report');
    await writeFile(path, before);
    expect(run.exitCode).toBe(3);
    expect(run.stderr).toMatch(/quantbot\.yaml:4:\d+: .*inital_capital/);
  });

  it('a folder that is no workspace is refused', async () => {
    const run = await runCli(['backtest', 'v1-baseline'], { cwd: tmpdir() });
    expect(run).toMatchObject({ exitCode: 4 });
    expect(run.stderr).toContain('quantbot init');
  });
});

describe('Ctrl-C', () => {
  it('ends the run with exit code 130, no report and no leftovers', async () => {
    const grid = [
      '--tp-mults',
      numbers(1.01, 0.005, 300),
      '--sl-mults',
      numbers(0.5, 0.001, 300),
      '--max-hold-hrs',
      '1,2,3,4,5,6,7,8,9,10,11,12',
    ];
    const run = await runCli(['backtest', 'v1-baseline', '--report', 'interrupted', ...grid], {
      cwd: dir,
      onStderr: onceSaid('Searching', (kill) => {
        kill('SIGINT');
      }),
    });
    expect(run.exitCode).toBe(130);
    expect(run.stdout).toBe('');
    expect(await readdir(dir)).not.toContain('interrupted');
    expect((await readdir(join(dir, 'data', 'slices'))).filter((name) => name.startsWith('.staging'))).toEqual([]);
  });
});

/** Acts once, when stderr says the word: a second Ctrl-C would mean something else. */
function onceSaid(word: string, act: (kill: (signal: NodeJS.Signals) => void) => void): NonNullable<CliOptions['onStderr']> {
  let isDone = false;
  return (text, kill) => {
    if (isDone || !text.includes(word)) return;
    isDone = true;
    act(kill);
  };
}

function numbers(from: number, step: number, count: number): string {
  return Array.from({ length: count }, (_, index) => (from + index * step).toFixed(4)).join(',');
}
