/** The examples of the predecessors' documents, word for word but for the port, sent by the real curl to a real `quantbot serve`. */
import { execFile, execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEATH_CROSS } from './seed-strategy.ts';
import { openServedWorkspace, type ServedWorkspace, type ServerProcess } from './server-process.ts';
import { until } from './server-room.ts';

const RUN = `curl -X POST http://localhost:3001/api/backtest/run \\
  -H "Content-Type: application/json" \\
  -d '{
    "strategy_name": "ma_crossover_strategy",
    "symbol": "EURUSD",
    "timeframe": "1h",
    "start_date": "2024-02-01T00:00:00Z",
    "end_date": "2024-02-07T23:59:59Z",
    "initial_capital": 10000.0
  }'`;
const RESULTS = 'curl http://localhost:3001/api/backtest/{backtest_id}/results';
const RUN_DEATH_CROSS = `curl -X POST http://localhost:3001/api/backtest/run \\
  -H "Content-Type: application/json" \\
  -d @test-death-cross.json`;
const DEATH_CROSS_REQUEST = `{
  "strategy_name": "test_death_cross_strategy",
  "symbol": "EURUSD",
  "timeframe": "1h",
  "start_date": "2024-02-01T00:00:00Z",
  "end_date": "2024-02-07T23:59:59Z",
  "initial_capital": 10000.0
}`;
/** The predecessor's other strategy, of which only the name is known: the same with the sides changed. */
const CROSSOVER = DEATH_CROSS.replace('test_death_cross_strategy', 'ma_crossover_strategy')
  .replace('crossover_type: death_cross', 'crossover_type: golden')
  .replace('crossover_type: golden_cross', 'crossover_type: death_cross')
  .replace('crossover_type: golden ', 'crossover_type: golden_cross ')
  .replace('action: sell', 'action: buy');
const OPTIMIZE = {
  strategy_name: 'ma_crossover_strategy',
  symbol: 'EURUSD',
  timeframe: '1h',
  date_range: ['2024-01-01', '2024-03-01'],
  optimize_params: { stop_loss: [0.01, 0.02, 0.03], take_profit: [0.02, 0.04, 0.06], position_size: [0.01, 0.02, 0.03] },
  objective: 'sharpe_ratio',
};
const TEST_CONFIG =
  'strategy: {name: ma_crossover_strategy}\ndata: {symbols: [EURUSD], timeframe: 1h}\nparameters: {stop_loss: [0.01, 0.02]}\nsampler: grid\n';

function whyNoCurl(): string | undefined {
  try {
    execFileSync('curl', ['--version'], { stdio: 'ignore' });
    return undefined;
  } catch {
    return 'curl is not installed';
  }
}

type Answer = Record<string, unknown>;
const skipped = whyNoCurl();

describe.skipIf(skipped !== undefined)(`the predecessors' examples${skipped === undefined ? '' : ` (skipped: ${skipped})`}`, () => {
  let served: ServedWorkspace;
  let server: ServerProcess;
  beforeAll(async () => {
    served = await openServedWorkspace();
    const { root, strategiesDir } = served.workspace;
    await mkdir(join(root, 'configs', 'optimizations'), { recursive: true });
    await Promise.all([
      writeFile(join(strategiesDir, 'test-death-cross.yaml'), DEATH_CROSS),
      writeFile(join(strategiesDir, 'ma_crossover_strategy.yaml'), CROSSOVER),
      writeFile(join(root, 'test-death-cross.json'), DEATH_CROSS_REQUEST),
      writeFile(join(root, 'configs', 'optimizations', 'test_config.yaml'), TEST_CONFIG),
    ]);
    server = await served.serve();
  });
  afterAll(async () => {
    await served[Symbol.asyncDispose]();
  });

  /** What a shell prints for the command, as JSON. */
  const shell = async (command: string): Promise<Answer> => {
    const port = new URL(server.url).port;
    const { stdout } = await promisify(execFile)('sh', ['-c', command.replace(/localhost:(?:3001|8230)/, `localhost:${port}`)], {
      cwd: served.workspace.root,
    });
    return JSON.parse(stdout) as Answer;
  };
  const post = (path: string, body: unknown): Promise<Answer> =>
    shell(`curl -X POST http://localhost:3001${path} -H "Content-Type: application/json" -d '${JSON.stringify(body)}'`);
  const waitForJob = async (id: unknown): Promise<void> => {
    const ended = await until(
      () => server.get(`/api/jobs/${String(id)}`),
      ({ body }) => ['complete', 'failed', 'cancelled'].includes(String(body['status'])),
    );
    expect(ended.body).toMatchObject({ status: 'complete', error: null });
  };

  it.each([
    ['ma_crossover_strategy', RUN, 'long'],
    ['test_death_cross_strategy', RUN_DEATH_CROSS, 'short'],
  ])('runs %s and gives its results', async (strategy, command, direction) => {
    const submitted = await shell(command);
    await waitForJob(submitted['backtest_id']);
    const results = await shell(RESULTS.replace('{backtest_id}', String(submitted['backtest_id'])));
    expect(results).toMatchObject({ strategy_name: strategy, status: 'complete', total_pnl: expect.any(Number) as number });
    const { total_trades: total, winning_trades: won, losing_trades: lost, signals_generated: signals } = results as Record<string, number>;
    expect(total).toBeGreaterThan(0);
    expect(signals).toBeGreaterThanOrEqual(total ?? Infinity);
    expect((won ?? 0) + (lost ?? 0)).toBe(total);
    const trades = await server.get(`/api/backtest/${String(submitted['backtest_id'])}/trades`);
    expect(new Set((trades.body['items'] as { direction: string }[]).map((trade) => trade.direction))).toEqual(new Set([direction]));
  });

  it.each(['sharpe_ratio', 'total_pnl', 'win_rate'])('searches all combinations by %s', async (objective) => {
    const { batch_id: id, combinations } = await post('/api/backtest/optimize', { ...OPTIMIZE, objective });
    expect(combinations).toBe(27);
    await waitForJob(id);
    const batch = await shell(`curl http://localhost:3001/api/optimization/batches/${String(id)}`);
    expect(batch).toMatchObject({
      status: 'complete',
      total: 27,
      completed: 27,
      failed: 0,
      best: { params: expect.any(Object) as object },
    });
    const results = await shell(`curl http://localhost:3001/api/optimization/batches/${String(id)}/results`);
    expect(results).toMatchObject({ accepted: { total: 27 }, best: { value: expect.any(Number) as number } });
  });

  it('really uses parameters that the strategy names only beside its rules', async () => {
    const { batch_id: id } = await post('/api/backtest/optimize', { ...OPTIMIZE, objective: 'total_pnl' });
    await waitForJob(id);
    const { items } = (await server.get(`/api/studies/${String(id)}/trials?limit=27`)).body as {
      items: { params: Record<string, number>; figures: { metrics: Record<string, number> }[] }[];
    };
    const balanceOf = (wanted: Record<string, number>): number | undefined =>
      items.find(({ params }) => Object.entries(wanted).every(([name, value]) => params[name] === value))?.figures[0]?.metrics[
        'final_balance'
      ];
    const base = { stop_loss: 0.02, take_profit: 0.04, position_size: 0.02 };
    const [small, middle, large] = [0.01, 0.02, 0.03].map((size) => balanceOf({ ...base, position_size: size }));
    expect(new Set([small, middle, large]).size).toBe(3);
    // What is won or lost is in proportion to the position.
    expect(((large ?? 0) - 10_000) / ((small ?? 0) - 10_000)).toBeCloseTo(3, 1);
    const balances = new Set(items.map(({ figures }) => figures[0]?.metrics['final_balance']));
    expect(balances.size).toBeGreaterThan(3);
  });

  it('optimises on one window and tests on the next', async () => {
    const { strategy_name, symbol, timeframe, optimize_params, objective } = OPTIMIZE;
    const { walk_forward_id: id } = await post('/api/backtest/walk-forward', {
      ...{ strategy_name, symbol, timeframe, optimize_params, objective },
      ...{ start_date: '2024-01-01', end_date: '2024-02-29', window_size_months: 0.5 },
    });
    await waitForJob(id);
    const { result } = await shell(`curl http://localhost:3001/api/backtest/walk-forward/${String(id)}`);
    expect((result as { windows: unknown[] }).windows.length).toBeGreaterThan(1);
  });

  it('runs a batch of the parallel optimiser, and says that it is healthy', async () => {
    const { batch_id: id } = await post('/api/optimization/run-parallel', {
      config_path: 'configs/optimizations/test_config.yaml',
      max_concurrent: 2,
    });
    await waitForJob(id);
    const progress = await shell(`curl http://localhost:3001/api/optimization/batches/${String(id)}`);
    expect(progress).toMatchObject({ batch_id: id, completed: 2, progress_pct: 100 });
    const results = await shell(`curl http://localhost:3001/api/optimization/batches/${String(id)}/results`);
    expect(results).toMatchObject({ parameter_analysis: [{ parameter: 'stop_loss' }] });
    expect(await shell('curl http://localhost:8230/health')).toMatchObject({ status: 'ok' });
  });
});
