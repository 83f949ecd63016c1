/** What becomes of submitted work when servers end, gently or not, and when several of them share a database. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { importPath } from '@quantbot/backtest';
import type { TrialRecord } from '@quantbot/core';
import { openCatalogue } from '@quantbot/storage';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DATABASES, POSTGRES, type TestDatabase } from './databases.ts';
import { writeMarketFiles } from './market-files.ts';
import { runCli } from './run-cli.ts';
import { openServedWorkspace, type ServedWorkspace, type ServerProcess } from './server-process.ts';
import { until } from './server-room.ts';

const IS_LONG = process.env['QUANTBOT_LONG'] === '1';
/** Jobs of dead servers become free by the clock; whoever waits for that on every run waits for minutes. */
const ONLY_LONG = IS_LONG ? '' : ' (only in the long tests: npm run test:long)';

/** Buys above an average; how long it takes to say so stands in a file. */
const toPacedStrategy = (pacePath: string): string => `
import time
from pathlib import Path
from quantbot_engine.strategies.candle_strategy import CandleStrategy, Int


class Paced(CandleStrategy):
    """Buys above an average, slowly."""

    name = "paced"

    def parameter_space(self):
        return {"length": Int(2, 200, default=20)}

    def indicators(self, candles, params):
        return {"average": candles.indicator("sma", length=params["length"])}

    def signals(self, candles, indicators, params):
        time.sleep(float(Path(${JSON.stringify(pacePath)}).read_text()))
        above = candles.close > indicators["average"]
        return {"enter_long": above, "exit_long": ~above}
`;

const TARGET = { strategy_name: 'paced', symbol: 'EURUSD', timeframe: '1h' };
const LENGTHS = Array.from({ length: 60 }, (_, index) => index + 3);
const OPTIMIZE = { ...TARGET, optimize_params: { length: LENGTHS }, seed: 7 };
const BASELINE = `strategy: {name: v1_baseline}
parameters: {tp_mult: {low: 1.2, high: 6}, sl_mult: {low: 0.7, high: 0.97}, max_hold_hrs: {low: 4, high: 96}}
sampler: random
objectives: [final_balance, mar]
trials: 6000
seed: 5
`;

let served: ServedWorkspace;

async function setPace(msPerTrial: number): Promise<void> {
  await writeFile(join(served.workspace.root, 'pace'), String(msPerTrial / 1000));
}

/** With the strategy `paced`, and calls for v1_baseline. */
async function openWorkspace(databaseUrl: string | undefined, settings: Readonly<Record<string, unknown>> = {}): Promise<void> {
  served = await openServedWorkspace({ settings, ...(databaseUrl !== undefined && { databaseUrl }) });
  const { root, strategiesDir, dataDir } = served.workspace;
  await writeFile(join(strategiesDir, 'paced.py'), toPacedStrategy(join(root, 'pace')));
  await setPace(0);
  await writeMarketFiles(root);
  const catalogue = await openCatalogue(dataDir);
  try {
    await importPath({ catalogue, paths: [join(root, 'candles')] });
    await importPath({ catalogue, paths: [join(root, 'calls.csv')] });
  } finally {
    await catalogue.close();
  }
}

async function submit(server: ServerProcess, path: string, body: unknown): Promise<string> {
  const answer = await server.call('POST', path, { body });
  expect([answer.status, answer.body['error']]).toEqual([202, undefined]);
  return String(answer.body['batch_id'] ?? answer.body['backtest_id']);
}

async function waitForEnd(server: ServerProcess, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    const ended = await until(
      () => server.get(`/api/jobs/${id}`),
      ({ body }) => ['complete', 'failed', 'cancelled'].includes(String(body['status'])),
    );
    expect(ended.body).toMatchObject({ status: 'complete', error: null });
  }
}

function readTrials(id: string): Promise<readonly TrialRecord[]> {
  return served.inStores(async ({ studies }) => {
    const trials: TrialRecord[] = [];
    for await (const trial of studies.streamTrials(id)) trials.push(trial);
    return trials;
  });
}

/** Until each study has recorded some trials; all of them must still be under way. */
async function waitForTrials(server: ServerProcess, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    await until(
      () => server.get(`/api/optimization/batches/${id}`),
      ({ body }) => Number(body['completed']) > 0,
    );
  }
  for (const id of ids) expect((await server.get(`/api/jobs/${id}`)).body).toMatchObject({ status: 'running' });
}

/** One on candles; in the long tests one on calls as well. */
async function submitSearches(server: ServerProcess): Promise<string[]> {
  const onCandles = await submit(server, '/api/backtest/optimize', OPTIMIZE);
  return IS_LONG ? [onCandles, await submit(server, '/api/optimization/run-parallel', { config_yaml: BASELINE })] : [onCandles];
}

afterEach(async () => {
  await served[Symbol.asyncDispose]();
});

/** The first search of a new engine compiles it. */
const PATIENCE = { timeout: 400_000 };

describe.each(DATABASES)('searches of a server on $title', ({ name, skipped, open }) => {
  const isSkipped = skipped !== undefined || (!IS_LONG && name !== 'SQLite');
  let database: TestDatabase;
  beforeAll(async () => {
    if (!isSkipped) database = await open();
  });
  afterAll(async () => {
    if (!isSkipped) await database[Symbol.asyncDispose]();
  });

  it.skipIf(isSkipped)(
    `go on by themselves after SIGKILL, and end as if nothing had happened${name === 'SQLite' ? '' : ONLY_LONG}`,
    PATIENCE,
    async () => {
      await openWorkspace(await database.createUrl());
      const first = await served.serve();
      const undisturbed = await submitSearches(first);
      await waitForEnd(first, undisturbed);

      await setPace(60);
      const disturbed = await submitSearches(first);
      await waitForTrials(first, disturbed);
      await first.end('SIGKILL');
      for (const id of disturbed) {
        const kept = await readTrials(id);
        expect(kept.length).toBeGreaterThan(0);
        expect(kept.map(({ number }) => number)).toEqual(kept.map((_, index) => index));
      }

      await setPace(0);
      const second = await served.serve();
      await waitForEnd(second, disturbed);
      for (const [index, id] of disturbed.entries()) {
        const trials = await readTrials(id);
        expect(trials).toHaveLength([LENGTHS.length, 6_000][index] ?? 0);
        expect(trials).toEqual(await readTrials(undisturbed[index] ?? ''));
        expect((await second.get(`/api/jobs/${id}`)).body).toMatchObject({ attempts: 2 });
      }
    },
  );

  it.skipIf(isSkipped || !IS_LONG)(
    `go back to the queue when the server is told to stop, which it does in time${ONLY_LONG}`,
    PATIENCE,
    async () => {
      await openWorkspace(await database.createUrl(), { drain_timeout_s: 3 });
      await setPace(60);
      const first = await served.serve();
      const id = await submit(first, '/api/backtest/optimize', OPTIMIZE);
      await waitForTrials(first, [id]);
      const startMs = performance.now();
      expect(await first.end('SIGTERM')).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('Shutting down') as string });
      expect(performance.now() - startMs).toBeLessThan(8_000);
      const kept = await readTrials(id);
      expect(kept.length).toBeLessThan(LENGTHS.length);
      expect(await served.inStores(({ jobs }) => jobs.findJob(id))).toMatchObject({ state: 'queued' });

      await setPace(0);
      const second = await served.serve();
      await waitForEnd(second, [id]);
      const trials = await readTrials(id);
      expect(trials.slice(0, kept.length)).toEqual(kept);
      expect(new Set(trials.map(({ params }) => params['length']))).toEqual(new Set(LENGTHS));
    },
  );
});

describe.skipIf(POSTGRES.skipped !== undefined || !IS_LONG)(`servers on one ${POSTGRES.title}${ONLY_LONG}`, () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await POSTGRES.open();
  });
  afterAll(async () => {
    await database[Symbol.asyncDispose]();
  });
  beforeEach(async () => {
    await openWorkspace(await database.createUrl(), { max_concurrent: 1 });
  });

  it('share the queue: both work, and each job runs once', PATIENCE, async () => {
    const servers = await Promise.all([served.serve(), served.serve()]);
    await setPace(1_000);
    const ids: string[] = [];
    for (let index = 0; index < 10; index += 1) {
      const server = servers[index % 2];
      if (server !== undefined) ids.push(await submit(server, '/api/backtest/run', { ...TARGET, params: { length: index + 3 } }));
    }
    for (const server of servers) {
      await until(
        () => server.get('/api/system'),
        ({ body }) => (body['runner'] as { running: number }).running === 1,
      );
    }
    await setPace(0);
    for (const server of servers) await waitForEnd(server, ids);
    for (const id of ids) expect((await servers[1].get(`/api/jobs/${id}`)).body).toMatchObject({ attempts: 1 });
    const lengths = await Promise.all(
      ids.map(async (id) => ((await servers[0].get(`/api/backtest/${id}/results`)).body['parameters'] as { length: number }).length),
    );
    expect(lengths).toEqual(ids.map((_, index) => index + 3));
  });

  it('take over what a killed one of them was at', PATIENCE, async () => {
    const servers = await Promise.all([served.serve(), served.serve()]);
    await setPace(60);
    const id = await submit(servers[0], '/api/backtest/optimize', { ...OPTIMIZE, optimize_params: { length: LENGTHS.slice(0, 40) } });
    await waitForTrials(servers[0], [id]);
    const isFirst = ((await servers[0].get('/api/system')).body['runner'] as { running: number }).running === 1;
    const [dead, alive] = isFirst ? servers : [servers[1], servers[0]];
    await dead.end('SIGKILL');
    await setPace(0);
    await waitForEnd(alive, [id]);
    expect((await readTrials(id)).map(({ number }) => number)).toEqual(LENGTHS.slice(0, 40).map((_, index) => index));
  });
});

describe('a server whose database is away', () => {
  it('says so, without the password, and ends', async () => {
    served = await openServedWorkspace();
    const env = { DATABASE_URL: 'postgres://quant:canary@127.0.0.1:1/quant' };
    const { exitCode, stderr, stdout } = await runCli(['serve', '--port', '0'], { cwd: served.workspace.root, env });
    expect([exitCode, stderr]).toEqual([75, expect.stringContaining('STORE_UNREACHABLE')]);
    expect(stderr + stdout).not.toContain('canary');
  });
});
