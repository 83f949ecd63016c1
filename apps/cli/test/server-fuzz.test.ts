/**
 * Thousands of requests made from the contracts, valid and broken in every way that comes to mind: no failure of the server, no answer outside
 * its schema, and a server that is as well afterwards as before. QUANTBOT_FUZZ_SEED repeats a run.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { API_ROUTES, type RouteContract } from '@quantbot/core';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { broken } from './fuzz/broken-requests.ts';
import { findFault, readDocumented, type Documented } from './fuzz/check-answer.ts';
import { describeWire, toWire, type FuzzRequest } from './fuzz/fuzz-request.ts';
import { openSender, type Sender, type WireAnswer } from './fuzz/send.ts';
import { validRequest } from './fuzz/valid-requests.ts';
import { fillPools, learnIds, type FilledPools } from './fuzz/pools.ts';
import { openServedWorkspace, type ServedWorkspace, type ServerProcess } from './server-process.ts';
import { until } from './server-room.ts';

const IS_LONG = process.env['QUANTBOT_LONG'] === '1';
const REQUESTS = IS_LONG ? 10_000 : 1_500;
/** That many are under way at a time. */
const AT_ONCE = 8;
/** The quick run is the same every time; the long one looks for what is new. The seed once found a connection that was left to wait for ever. */
const SEED = Number(process.env['QUANTBOT_FUZZ_SEED'] ?? (IS_LONG ? Date.now() % 2 ** 31 : 2_037_706_188));
const MAX_GROWTH_BYTES = 200 * 2 ** 20;

const ROUTES = Object.values<RouteContract>(API_ROUTES);

/** Every route as often as any other, one request in three as its contract wants it. */
const anyRequest: fc.Arbitrary<FuzzRequest> = fc.oneof(
  ...ROUTES.map((contract) => {
    const valid = validRequest(contract);
    return fc.oneof({ weight: 1, arbitrary: valid }, { weight: 2, arbitrary: broken(valid) });
  }),
);

let served: ServedWorkspace;
let server: ServerProcess;
let sender: Sender;
let pools: FilledPools;
let documented: Documented;
const timesMs: number[] = [];
const statuses = new Map<number, number>();

beforeAll(async () => {
  served = await openServedWorkspace({
    settings: { max_queued: 30, max_combinations: 200, max_body_bytes: 256 * 1024, max_upload_bytes: 2 ** 20, request_timeout_s: 300 },
  });
  await writeFile(
    join(served.workspace.root, 'study.yaml'),
    'strategy: {name: v1_baseline}\nparameters: {tp_mult: [2, 3]}\nsampler: grid\n',
  );
  server = await served.serve();
  sender = openSender(server.url);
  pools = await fillPools(server);
  // The engine that is asked about strategies is another one than those that run jobs.
  await until(
    () => server.get('/api/strategies/ma_crossover_strategy/description'),
    ({ status }) => status === 200,
  );
  documented = readDocumented((await server.get('/openapi.json')).body);
  // The first backtest of a new engine compiles it.
}, 400_000);
afterAll(async () => {
  sender[Symbol.dispose]();
  await served[Symbol.asyncDispose]();
});

async function expectNoFault(request: FuzzRequest): Promise<void> {
  const wire = toWire(request, pools);
  let answer: WireAnswer;
  try {
    answer = await sender.send(wire);
  } catch (error) {
    throw new Error(`no answer (${String(error)}) to ${describeWire(wire)}`, { cause: error });
  }
  timesMs.push(answer.ms);
  statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
  const fault = findFault(wire, answer, documented);
  if (fault !== undefined) throw new Error(`${fault}\n  ${describeWire(wire)}\n  answered ${answer.status} ${answer.text.slice(0, 1_000)}`);
  learnIds(pools, answer.text);
}

async function readMemory(): Promise<number> {
  return Number((await server.get('/api/system')).body['memory_bytes']);
}

async function expectAlive(): Promise<void> {
  expect(await server.get('/health')).toMatchObject({ status: 200 });
}

describe('the server under thousands of requests', () => {
  it(`answers ${REQUESTS} requests, valid and broken, within its contracts (seed ${SEED})`, { timeout: 900_000 }, async () => {
    const half = (seed: number): Promise<void> =>
      fc.assert(
        fc.asyncProperty(fc.tuple(...Array.from({ length: AT_ONCE }, () => anyRequest)), async (requests) => {
          await Promise.all(requests.map(expectNoFault));
        }),
        { seed, numRuns: Math.ceil(REQUESTS / AT_ONCE / 2), interruptAfterTimeLimit: 800_000 },
      );
    await half(SEED);
    const beforeBytes = await readMemory();
    await half(SEED + 1);
    const afterBytes = await readMemory();
    await expectAlive();
    report(beforeBytes, afterBytes);
    expect(timesMs.length).toBeGreaterThanOrEqual(REQUESTS);
    // A fuzz that never came past the first check would show little.
    expect(statuses.get(200)).toBeGreaterThan(REQUESTS / 20);
    expect(statuses.get(202)).toBeGreaterThan(REQUESTS / 200);
    expect(afterBytes - beforeBytes).toBeLessThan(MAX_GROWTH_BYTES);
  });
});

function report(beforeBytes: number, afterBytes: number): void {
  const sorted = timesMs.toSorted((a, b) => a - b);
  const at = (share: number): string => (sorted[Math.floor(share * (sorted.length - 1))] ?? 0).toFixed(1);
  const counts = [...statuses].sort(([a], [b]) => a - b).map(([status, count]) => `${status}: ${count}`);
  const mib = (bytes: number): string => (bytes / 2 ** 20).toFixed(0);
  process.stdout.write(
    `${timesMs.length} requests, seed ${SEED}: median ${at(0.5)} ms, p99 ${at(0.99)} ms, longest ${at(1)} ms; ` +
      `memory ${mib(beforeBytes)} MiB half way, ${mib(afterBytes)} MiB at the end; ${counts.join(', ')}\n`,
  );
}
