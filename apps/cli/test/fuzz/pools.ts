/** Work that has ended, so that requests about results find some, and ids that come up on the way. */
import { until } from '../server-room.ts';
import type { ServerProcess } from '../server-process.ts';
import type { Pools } from './fuzz-request.ts';

export type FilledPools = Pools;

const TARGET = { strategy_name: 'ma_crossover_strategy', symbol: 'EURUSD', timeframe: '1h' };
const SUBMISSIONS: readonly (readonly [string, Readonly<Record<string, unknown>>, string])[] = [
  ['/api/backtest/run', { ...TARGET, periods: ['all', '30d'] }, 'backtest_id'],
  ['/api/backtest/run', { ...TARGET, params: { fast: 9 } }, 'backtest_id'],
  ['/api/backtest/optimize', { ...TARGET, optimize_params: { fast: [3, 5, 7], slow: [20, 30] } }, 'batch_id'],
  [
    '/api/backtest/walk-forward',
    {
      ...TARGET,
      start_date: '2024-01-01',
      end_date: '2024-02-28',
      window_size_months: 1,
      test_size_months: 0.5,
      optimize_params: { fast: [3, 5] },
    },
    'walk_forward_id',
  ],
  // Fails: there are no calls here.
  ['/api/optimization/run-parallel', { config_path: 'study.yaml' }, 'batch_id'],
];

const ENDED = ['complete', 'failed', 'cancelled'];
const MAX_IDS = 400;

export async function fillPools(server: ServerProcess): Promise<FilledPools> {
  const ids: string[] = [];
  for (const [path, body, name] of SUBMISSIONS) {
    const answer = await server.call('POST', path, { body });
    if (answer.status !== 202) throw new Error(`${path}: ${JSON.stringify(answer.body)}`);
    ids.push(String(answer.body[name]));
  }
  for (const id of ids)
    await until(
      () => server.get(`/api/jobs/${id}`),
      ({ body }) => ENDED.includes(String(body['status'])),
    );
  const studies = (await server.get('/api/studies')).body['items'] as { id: string }[];
  const runs = (await server.get('/api/reports')).body['items'] as { run: string }[];
  const pools = { job: ids, study: studies.map(({ id }) => id), run: runs.map(({ run }) => run), file: [] as string[] };
  for (const run of pools.run) {
    const { files } = (await server.get(`/api/reports/${run}`)).body as { files: { name: string }[] };
    for (const { name } of files) if (!pools.file.includes(name)) pools.file.push(name);
  }
  return pools;
}

const GIVEN = /"(?:backtest_id|batch_id|walk_forward_id|run_id)":"([a-z0-9_-]+)"/g;

export function learnIds({ job, study }: FilledPools, text: string): void {
  if (job.length > MAX_IDS) return;
  for (const [, id] of text.slice(0, 2_000).matchAll(GIVEN)) {
    if (id === undefined || job.includes(id)) continue;
    job.push(id);
    study.push(id);
  }
}
