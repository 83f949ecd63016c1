/**
 * A load process: reads at a constant rate, whether the server keeps up or not. Latency counts from when a request was due, so that a
 * stall is felt by every request that it holds up.
 */
import { Agent, get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { answerQuestions } from './server-child.ts';
import { createHistogram, record, type Histogram } from './server-histogram.ts';

export interface ReadLoad {
  readonly url: string;
  /** Kind of request → addresses that take turns; the kinds do, too. */
  readonly paths: Readonly<Record<string, readonly string[]>>;
  readonly perS: number;
  readonly forS: number;
}

export interface ReadReport {
  /** By kind, in steps of a tenth of a millisecond. */
  readonly latencies: Readonly<Record<string, Histogram>>;
  readonly errors: number;
  /** The first few, to tell what went wrong. */
  readonly troubles: readonly string[];
  readonly requests: number;
  readonly bytes: number;
}

const MAX_SOCKETS = 128;
const TIMEOUT_MS = 60_000;

async function read(agent: Agent, address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = get(address, { agent, timeout: TIMEOUT_MS }, (response) => {
      let bytes = 0;
      response.on('data', (chunk: Buffer) => (bytes += chunk.length));
      response.on('error', reject);
      response.on('end', () => {
        if (response.statusCode === 200) resolve(bytes);
        else reject(new Error(`${String(response.statusCode)} from ${address}`));
      });
    });
    request.on('timeout', () => request.destroy(new Error(`no answer from ${address}`)));
    request.on('error', reject);
  });
}

async function run({ url, paths, perS, forS }: ReadLoad): Promise<ReadReport> {
  const agent = new Agent({ keepAlive: true, maxSockets: MAX_SOCKETS });
  const kinds = Object.entries(paths);
  const latencies = Object.fromEntries(kinds.map(([kind]) => [kind, createHistogram(0.1)]));
  const troubles: string[] = [];
  let [errors, bytes] = [0, 0];
  const startedMs = performance.now();
  const count = perS * forS;
  const reading: Promise<void>[] = [];
  for (let index = 0; index < count; index += 1) {
    const dueMs = startedMs + (1_000 * index) / perS;
    while (performance.now() < dueMs) await sleep(1);
    const [kind, addresses] = kinds[index % kinds.length] ?? ['', []];
    const address = addresses[Math.floor(index / kinds.length) % addresses.length] ?? '';
    reading.push(
      read(agent, `${url}${address}`).then(
        (length) => {
          bytes += length;
          const histogram = latencies[kind];
          if (histogram !== undefined) record(histogram, performance.now() - dueMs);
        },
        (error: unknown) => {
          errors += 1;
          if (troubles.length < 5) troubles.push(error instanceof Error ? error.message : String(error));
        },
      ),
    );
  }
  await Promise.all(reading);
  agent.destroy();
  return { latencies, errors, troubles, requests: count, bytes };
}

answerQuestions({ run });
