import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { createSqliteStore, describePostgres } from './testing/databases.ts';
import type { CreateStore, StoreFixture } from './testing/fixture.ts';
import { collect, createSampleStudy, noise, toLargeTrials } from './testing/sample-trials.ts';

const PROGRAM = fileURLToPath(new URL('./testing/record-process.ts', import.meta.url));
const LONG = process.env['QUANTBOT_LONG'] !== undefined;
const KILLS = LONG ? 300 : 30;
const BLOCK_SIZE = 9;
const TRIALS = KILLS * 40;
const KILL_WITHIN_MS = 25;

interface Recorder {
  /** What was acknowledged last. */
  readonly recorded: number;
  readonly begun: Promise<unknown>;
  readonly exited: Promise<unknown>;
  kill(): void;
}

function startRecorder(fixture: StoreFixture, owner: string, trials = TRIALS): Recorder {
  const args = [JSON.stringify(fixture.location), 'a', String(trials), String(BLOCK_SIZE), owner];
  const child = spawn(process.execPath, [PROGRAM, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  let recorded = 0;
  const lines = createInterface({ input: child.stdout }).on('line', (line) => {
    recorded = Number(line.replace('recorded ', ''));
  });
  const closed = once(lines, 'close');
  const exited = once(child, 'exit').then(async ([code]: unknown[]) => {
    await closed;
    return code;
  });
  return {
    get recorded() {
      return recorded;
    },
    begun: Promise.race([once(child.stdout, 'readable'), exited]),
    exited,
    kill: () => child.kill('SIGKILL'),
  };
}

async function killAgainAndAgain(fixture: StoreFixture, kills: number): Promise<void> {
  await createSampleStudy(fixture.store, 'a');
  for (let kill = 0; kill < kills; kill += 1) {
    const recorder = startRecorder(fixture, `runner ${String(kill)}`);
    await recorder.begun;
    await wait(noise(kill) * KILL_WITHIN_MS);
    recorder.kill();
    await recorder.exited;
    const study = await fixture.store.findStudy('a');
    // Nothing that was acknowledged is lost; the block under way may be there or not, but whole.
    expect(study?.trialsRecorded).toBeGreaterThanOrEqual(recorder.recorded);
    expect((study?.trialsRecorded ?? 0) % BLOCK_SIZE === 0 || study?.trialsRecorded === TRIALS).toBe(true);
  }
  const { trialsRecorded = 0 } = (await fixture.store.findStudy('a')) ?? {};
  expect(trialsRecorded).toBeGreaterThan(0);
  expect(await collect(fixture.store.streamTrials('a'))).toEqual(toLargeTrials(0, trialsRecorded));
}

/** Processes that steal the claim from each other all the time. */
async function fightForTheClaim(fixture: StoreFixture): Promise<void> {
  const trials = 400;
  await createSampleStudy(fixture.store, 'a');
  const recorders = ['one', 'two', 'three'].map((owner) => startRecorder(fixture, owner, trials));
  expect(await Promise.all(recorders.map((recorder) => recorder.exited))).toEqual([0, 0, 0]);
  expect(await collect(fixture.store.streamTrials('a'))).toEqual(toLargeTrials(0, trials));
  expect(await fixture.store.findStudy('a')).toMatchObject({ trialsRecorded: trials, trialsFailed: 8 });
}

function describeProcesses(createStore: CreateStore, kills: number): void {
  it(
    `that record are killed ${String(kills)} times: no trial is lost, none is there twice`,
    { timeout: 60_000 * (LONG ? 10 : 1) },
    async () => {
      await using fixture = await createStore();
      await killAgainAndAgain(fixture, kills);
      if (fixture.location.kind === 'sqlite') {
        const database = new DatabaseSync(fixture.location.path);
        expect(database.prepare('PRAGMA integrity_check').all()).toEqual([{ integrity_check: 'ok' }]);
        expect(database.prepare('PRAGMA foreign_key_check').all()).toEqual([]);
        database.close();
      }
    },
  );

  it('that take the claim from each other leave every trial recorded once', async () => {
    await using fixture = await createStore();
    await fightForTheClaim(fixture);
  });
}

describe('processes on one SQLite file', () => {
  describeProcesses(createSqliteStore, KILLS);
});

describePostgres('processes on one PostgreSQL database', (_server, createStore) => {
  describeProcesses(createStore, KILLS / 6);
});
