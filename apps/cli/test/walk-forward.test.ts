import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli, startCli, type CliRun } from './run-cli.ts';
import { openServerRoom, until, type ServerTestRoom } from './server-room.ts';

const EURUSD = join(import.meta.dirname, '../../../../shared/data/forex/EURUSD_1h.csv.gz');

interface Document {
  readonly windows: readonly {
    readonly train: unknown;
    readonly test: { readonly from: string; readonly to: string };
    readonly trials: number;
  }[];
  readonly stitched: {
    readonly figures: readonly { readonly metrics: Record<string, number | null> }[];
    readonly notes: readonly string[];
  };
}

describe('a walk-forward analysis', () => {
  let room: ServerTestRoom;
  const study = (from: string, to: string): string => `
strategy: {name: ma_crossover_strategy}
data: {symbol: EURUSD, timeframe: 1h, from: "${from}", to: "${to}"}
parameters:
  fast: [3, 5, 7]
  slow: [15, 25]
objective: total_return
sampler: grid
seed: 1
`;
  beforeAll(async () => {
    room = await openServerRoom();
    await writeFile(join(room.workspace.root, 'study.yaml'), study('2024-01-01T00:00:00Z', '2024-03-01T00:00:00Z'));
  });
  afterAll(async () => {
    await room[Symbol.asyncDispose]();
  });

  const run = (...args: readonly string[]): Promise<CliRun> =>
    runCli(['walk-forward', '--config', 'study.yaml', '--train', '15d', '--test', '8d', ...args], { cwd: room.workspace.root });
  const analyse = async (...args: readonly string[]): Promise<Document> => {
    const { exitCode, stdout, stderr } = await run('--json', ...args);
    expect(exitCode, stderr).toBe(0);
    return JSON.parse(stdout) as Document;
  };
  const submit = async (body: Record<string, unknown>): Promise<unknown> => {
    const { body: submitted } = await room.call('POST', '/api/backtest/walk-forward', { body });
    const id = String(submitted['walk_forward_id']);
    const { body: ended } = await until(
      () => room.get(`/api/backtest/walk-forward/${id}`),
      ({ body: { status } }) => status === 'complete' || status === 'failed',
    );
    expect(ended).toMatchObject({ status: 'complete', error: null });
    return JSON.parse(await readFile(join(room.workspace.runsDir, id, 'walk-forward.json'), 'utf8'));
  };
  const request = {
    strategy_name: 'ma_crossover_strategy',
    symbol: 'EURUSD',
    timeframe: '1h',
    optimize_params: { fast: [3, 5, 7], slow: [15, 25] },
    objective: 'total_return',
    seed: 1,
  };

  it('shows what re-optimising would have earned, window by window', async () => {
    const { exitCode, stdout, stderr } = await run();
    expect(exitCode, stderr).toBe(0);
    expect(stdout).toMatch(/^Re-optimising 5 times would have returned [+-]/);
    expect(stdout).toContain('By window');
    expect(stdout.split('\n').filter((line) => /^[1-5] /.test(line))).toHaveLength(5);
    expect(stderr).toMatch(/Walk-forward \d{8}-\w{6}, seed 1/);
  });

  it('through the server is the same as from the command line: each window tested on what it did not search', async () => {
    const body = {
      ...request,
      start_date: '2024-01-01T00:00:00Z',
      end_date: '2024-03-01T00:00:00Z',
      window_size_months: 0.5,
      test_size_months: 0.26,
    };
    const document = await analyse();
    expect(await submit(body)).toEqual(document);
    const { windows, stitched } = document;
    expect(windows.map(({ trials }) => trials)).toEqual([6, 6, 6, 6, 6]);
    for (const [index, { test }] of windows.entries()) expect(test.from).toBe(windows[index - 1]?.test.to ?? '2024-01-16T00:00:00.000Z');
    expect(stitched.figures[0]?.metrics['final_balance']).toBeGreaterThan(0);
  });

  it('goes on where it was stopped, with the same result', async () => {
    const slow = join(room.workspace.root, 'slow.yaml');
    await writeFile(slow, study('2024-01-01T00:00:00Z', '2024-03-01T00:00:00Z').replace('[3, 5, 7]', '{start: 2, end: 14, step: 1}'));
    const args = ['walk-forward', '--config', 'slow.yaml', '--train', '15d', '--test', '8d', '--json', '--id', 'stopped'];
    const running = startCli(args, { cwd: room.workspace.root });
    await until(
      () => room.get('/api/studies/stopped-w02'),
      ({ status }) => status === 200,
    );
    running.kill('SIGKILL');
    expect(await running.ended).toMatchObject({ exitCode: null, stdout: '' });
    const [resumed, whole] = await Promise.all([
      runCli(args, { cwd: room.workspace.root }),
      runCli([...args.slice(0, -1), 'undisturbed'], { cwd: room.workspace.root }),
    ]);
    expect(resumed.exitCode, resumed.stderr).toBe(0);
    expect(JSON.parse(resumed.stdout)).toEqual(JSON.parse(whole.stdout));
  });

  it.each([
    [['--train', '5y'], 3, 'expected room for at least one train and one test window'],
    [['--train', 'soon'], 2, '--train: expected a length of time such as 90d'],
  ])('is refused with %j', async (args, code, message) => {
    const { exitCode, stderr } = await run(...args);
    expect(exitCode).toBe(code);
    expect(stderr).toContain(message);
  });

  it.skipIf(!existsSync(EURUSD))(
    'over real EURUSD candles is the same through the server (only where shared/data lies beside the repository)',
    async () => {
      const { root } = room.workspace;
      await writeFile(join(root, 'study.yaml'), study('2017-05-01', '2018-01-31').replaceAll('EURUSD', 'REAL'));
      const imported = await runCli(['data', 'import', EURUSD, '--instrument', 'REAL'], { cwd: root });
      expect(imported.exitCode, imported.stderr).toBe(0);
      const body = {
        ...request,
        symbol: 'REAL',
        start_date: '2017-05-01',
        end_date: '2018-01-31',
        window_size_months: 2,
        test_size_months: 1,
      };
      const document = await analyse('--train', '2mo', '--test', '1mo');
      expect(await submit(body)).toEqual(document);
      expect(document.windows).toHaveLength(7);
    },
  );
});
