/** Every address that reads, with what callers ask of it, over a real port on both databases: found, and within its contract. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { API_ROUTES, type RouteContract } from '@quantbot/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DATABASES, type TestDatabase } from './databases.ts';
import { fillPools, type FilledPools } from './fuzz/pools.ts';
import { findFault, readDocumented } from './fuzz/check-answer.ts';
import { openSender } from './fuzz/send.ts';
import { openServedWorkspace, type ServedWorkspace, type ServerProcess } from './server-process.ts';

/** Route → what is asked besides the bare address. `:backtest` and the like stand for ids. */
const QUESTIONS: Readonly<Record<string, readonly string[]>> = {
  '/api/jobs': ['', '?kinds=backtest,study&states=complete&sort=name&direction=asc&limit=2&offset=1', '?search=ma_crossover'],
  '/api/jobs/:backtest': [''],
  '/api/backtests': ['', '?states=complete&sort=finished_at&search=ma_crossover'],
  '/api/backtest/:backtest/status': [''],
  '/api/backtest/:backtest/results': [''],
  '/api/backtest/:backtest/trades': ['', '?sort=pnl&direction_of_sort=desc&outcome=win&direction=long&symbol=EURUSD&limit=3'],
  '/api/backtest/:backtest/equity': ['', '?px=10&from=2024-01-10&to=2024-02-10'],
  '/api/backtest/walk-forward/:walk': [''],
  '/api/optimization/batches/:batch': [''],
  '/api/optimization/batches/:batch/results': ['', '?limit=2&offset=1'],
  '/api/studies': ['', '?states=complete&strategy=ma_crossover_strategy&search=EURUSD&limit=1'],
  '/api/studies/:batch': [''],
  '/api/studies/:batch/trials': [
    '',
    '?where=param:fast%3C=5;metric:trades@all%3E0&sort=objective:sharpe_ratio@all&direction=asc&limit=2',
    '?states=complete&accepted=true&sort=param:slow',
  ],
  '/api/studies/:batch/trials/0': [''],
  '/api/studies/:batch/columns': ['', '?objective=sharpe_ratio&period=all&from=2&limit=2'],
  '/api/leaderboard': ['', '?objective=sharpe_ratio&strategy=ma_crossover_strategy&accepted=true&limit=3'],
  '/api/data/series': ['', '?instrument=EURUSD&timeframe=1h&search=eur'],
  '/api/data/coverage': ['', '?instrument=EURUSD'],
  '/api/data/candles': ['?instrument=EURUSD&timeframe=4h&from=2024-01-10&limit=50'],
  '/api/data/calls': [''],
  '/api/strategies': ['', '?kind=rules&search=cross'],
  '/api/strategies/ma_crossover_strategy': [''],
  '/api/strategies/ma_crossover_strategy/description': [''],
  '/api/v1-baseline/runs': ['', '?states=failed'],
  '/api/reports': ['', '?limit=1'],
  '/api/reports/:backtest': [''],
  '/api/reports/:backtest/result.json': [''],
  '/health': [''],
  '/ready': [''],
  '/metrics': [''],
  '/openapi.json': [''],
  '/api/system': [''],
  '/api/auth/me': [''],
};
/** WebSockets, and the results of V1 baseline runs, which need calls (v1-baseline.test.ts). */
const ELSEWHERE = ['openLive', 'watchBacktest', 'watchBacktestAlias', 'getV1BaselineResult'];
const READING = Object.values<RouteContract>(API_ROUTES).filter(({ id, method }) => method === 'GET' && !ELSEWHERE.includes(id));

const toPattern = ({ path }: RouteContract): RegExp => new RegExp(`^${path.replaceAll(/:[a-z_]+/g, '[^/]+')}$`);

it('asks something of every address that reads', () => {
  const forgotten = READING.filter((contract) => !Object.keys(QUESTIONS).some((address) => toPattern(contract).test(address)));
  expect(forgotten.map(({ id }) => id)).toEqual([]);
});

describe.each(DATABASES.map((kind) => ({ ...kind })))('on $title', ({ name, skipped, open }) => {
  let database: TestDatabase;
  let served: ServedWorkspace;
  let server: ServerProcess;
  let pools: FilledPools;
  // The first backtest of a new engine compiles it.
  beforeAll(async () => {
    if (skipped !== undefined) return;
    database = await open();
    const databaseUrl = await database.createUrl();
    served = await openServedWorkspace(databaseUrl === undefined ? {} : { databaseUrl });
    await writeFile(
      join(served.workspace.root, 'study.yaml'),
      'strategy: {name: v1_baseline}\nparameters: {tp_mult: [2, 3]}\nsampler: grid\n',
    );
    server = await served.serve();
    pools = await fillPools(server);
  }, 400_000);
  afterAll(async () => {
    if (skipped !== undefined) return;
    await served[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
  });

  const toAddress = (path: string): string => {
    const [backtest = '', , batch = '', walk = ''] = pools.job;
    return path.replace(':backtest', backtest).replace(':batch', batch).replace(':walk', walk);
  };

  it.skipIf(skipped !== undefined)('says which database it is', async () => {
    expect((await server.get('/api/system')).body).toMatchObject({ database: name === 'SQLite' ? 'sqlite' : 'postgres' });
  });

  it.skipIf(skipped !== undefined).each(Object.entries(QUESTIONS))('answers GET %s', async (path, questions) => {
    const documented = readDocumented((await server.get('/openapi.json')).body);
    using sender = openSender(server.url);
    for (const question of questions) {
      const request = { method: 'GET', target: `${toAddress(path)}${question}`, headers: {}, body: undefined };
      const answer = await sender.send(request);
      expect([request.target, answer.status, findFault(request, answer, documented)]).toEqual([request.target, 200, undefined]);
    }
  });

  it.skipIf(skipped !== undefined)('filters, sorts and pages trials in the database', async () => {
    const [, , batch = ''] = pools.job;
    const { body } = await server.get(`/api/studies/${batch}/trials?where=param:fast%3C=5&sort=param:fast&direction=desc&limit=3`);
    const items = body['items'] as { params: { fast: number } }[];
    expect(body).toMatchObject({ total: 4, limit: 3 });
    expect(items.map(({ params }) => params.fast)).toEqual([5, 5, 3]);
  });

  it.skipIf(skipped !== undefined)('pauses, cancels and deletes only what is there', async () => {
    const [backtest = '', , batch = '', walk = ''] = pools.job;
    expect(await server.call('POST', `/api/backtest/${backtest}/cancel`)).toMatchObject({ status: 202, body: { status: 'complete' } });
    expect(await server.call('DELETE', `/api/optimization/batches/${batch}`)).toMatchObject({ status: 202, body: { status: 'complete' } });
    expect(await server.call('DELETE', `/api/jobs/${walk}`)).toMatchObject({ status: 200, body: { deleted: true } });
    expect(await server.get(`/api/jobs/${walk}`)).toMatchObject({ status: 404 });
    expect(await server.call('DELETE', `/api/studies/${batch}`)).toMatchObject({ status: 200, body: { deleted: true } });
    expect(await server.get(`/api/studies/${batch}`)).toMatchObject({ status: 404 });
  });
});
