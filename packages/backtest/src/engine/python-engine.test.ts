import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PythonEngine } from './python-engine.ts';
import type { WorkerCommand } from './engine-worker.ts';

const READY = `print('{"kind":"ready","protocol_version":1,"engine_version":"0","source_hash":"x","pid":1}', flush=True)`;

/** A worker that greets like ours and then misbehaves. */
function misbehaving(code: string, greeting = READY): WorkerCommand {
  return { file: 'python3', args: ['-c', ['import sys, os, time, subprocess', greeting, 'line = sys.stdin.readline()', code].join('\n')], env: { PATH: process.env['PATH'] ?? '' } };
}

const REQUEST = { operation: 'simulate' as const, slice: { path: '/nowhere', id: 'x' }, params: { tp_mult: 2, sl_mult: 0.9 } };

function isRunning(pid: number): boolean {
  try {
    // A killed process that nobody has reaped yet is a zombie, not a running one.
    return !readFileSync(`/proc/${String(pid)}/stat`, 'utf8').includes(') Z ');
  } catch {
    return false;
  }
}

async function waitUntil(isTrue: () => boolean): Promise<void> {
  for (let tries = 0; tries < 200 && !isTrue(); tries += 1) await sleep(25);
}

describe('a pool of engine workers', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'quantbot-engine-test-'));
  });
  afterEach(async () => {
    await rm(dir, { recursive: true, force: true });
  });

  it('explains a crash with the last lines of stderr', async () => {
    using engine = new PythonEngine({ command: misbehaving(`print('the disk is on fire', file=sys.stderr, flush=True); os._exit(7)`) });
    await expect(engine.run(REQUEST)).rejects.toMatchObject({ code: 'ENGINE_CRASHED', message: expect.stringContaining('the disk is on fire') as string, details: { exitCode: 7 } });
  });

  it('names the signal when the system ends a worker', async () => {
    using engine = new PythonEngine({ command: misbehaving(`os.kill(os.getpid(), 9)`) });
    await expect(engine.run(REQUEST)).rejects.toMatchObject({ code: 'ENGINE_CRASHED', details: { signal: 'SIGKILL' } });
  });

  it('refuses output that is not a message of the protocol', async () => {
    using engine = new PythonEngine({ command: misbehaving(`print('Loading weights...', flush=True); time.sleep(60)`) });
    await expect(engine.run(REQUEST)).rejects.toMatchObject({ code: 'PROTOCOL_MISMATCH', message: expect.stringContaining('Loading weights') as string });
  });

  it('refuses a worker that speaks another version of the protocol', async () => {
    using engine = new PythonEngine({ command: misbehaving('time.sleep(60)', READY.replace('"protocol_version":1', '"protocol_version":99')) });
    await expect(engine.run(REQUEST)).rejects.toMatchObject({ code: 'PROTOCOL_MISMATCH', message: expect.stringContaining('99') as string });
  });

  it('refuses a result outside the contract', async () => {
    const code = `import json; rid = json.loads(line)["request_id"]; print(json.dumps({"kind":"result","request_id":rid,"result":{"final_capital":"much"},"compute_ms":1,"load_ms":1}), flush=True); time.sleep(60)`;
    using engine = new PythonEngine({ command: misbehaving(code) });
    await expect(engine.run(REQUEST)).rejects.toMatchObject({ code: 'PROTOCOL_MISMATCH', message: expect.stringContaining('final_capital') as string });
  });

  it('ends the whole process tree at the time limit, also children that left the process group', async () => {
    const pids = join(dir, 'pids');
    const code = `
children = [subprocess.Popen(['sleep', '300']), subprocess.Popen(['sleep', '300'], start_new_session=True)]
open(${JSON.stringify(pids)}, 'w').write(' '.join(str(p) for p in [os.getpid(), *(c.pid for c in children)]))
while True: pass`;
    using engine = new PythonEngine({ command: misbehaving(code) });
    await expect(engine.run(REQUEST, { timeoutMs: 2_000 })).rejects.toMatchObject({ code: 'ENGINE_TIMEOUT', exitCode: 124 });
    const tree = readFileSync(pids, 'utf8').split(' ').map(Number);
    expect(tree).toHaveLength(3);
    await waitUntil(() => !tree.some(isRunning));
    expect(tree.filter(isRunning)).toEqual([]);
  });

  it('ends a worker that never says that it is ready', async () => {
    using engine = new PythonEngine({ command: misbehaving('pass', ''), startTimeoutMs: 500 });
    await expect(engine.run(REQUEST)).rejects.toMatchObject({ code: 'ENGINE_TIMEOUT', message: expect.stringContaining('not ready') as string });
  });

  it('ends the process tree when the work is cancelled, and serves the next request with a new worker', async () => {
    const started = join(dir, 'started');
    using engine = new PythonEngine({ command: misbehaving(`open(${JSON.stringify(started)}, 'w').close(); time.sleep(300)`) });
    const controller = new AbortController();
    const first = engine.run(REQUEST, { signal: controller.signal });
    const outcome = expect(first).rejects.toMatchObject({ code: 'CANCELLED', exitCode: 130 });
    await waitUntil(() => existsSync(started));
    controller.abort();
    await outcome;
    await expect(engine.run(REQUEST, { timeoutMs: 1_000 })).rejects.toMatchObject({ code: 'ENGINE_TIMEOUT' });
  });

  it('does not start work that was cancelled before it began', async () => {
    using engine = new PythonEngine({ command: misbehaving('time.sleep(300)') });
    await expect(engine.run(REQUEST, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  it('explains an engine that cannot be started', async () => {
    using engine = new PythonEngine({ command: { file: join(dir, 'no-such-python'), args: [], env: {} } });
    await expect(engine.run(REQUEST)).rejects.toMatchObject({ code: 'ENGINE_CRASHED', message: expect.stringContaining('could not be started') as string });
  });
});

describe('the one-shot form', () => {
  it('turns a process that dies without a result into one JSON error', async () => {
    using engine = new PythonEngine({ command: { file: 'python3', args: ['-c', 'import sys; sys.stdin.read(); print("half a res"); sys.exit(3)'], env: { PATH: process.env['PATH'] ?? '' } } });
    const answer = await engine.runOnce(Buffer.from('{}'));
    expect(answer.exitCode).not.toBe(0);
    expect(JSON.parse(answer.output)).toMatchObject({ error: { code: 'ENGINE_CRASHED' } });
  });
});

describe('a host with an idle worker', () => {
  it('ends by itself, without closing the engine, and the worker follows', () => {
    const script = `
      import { PythonEngine } from '@quantbot/backtest';
      const engine = new PythonEngine();
      engine.warmUp();
      console.log('host is done');`;
    const run = spawnSync(process.execPath, ['--input-type=module', '-e', script], { cwd: import.meta.dirname, encoding: 'utf8', timeout: 30_000 });
    expect(run.stdout).toContain('host is done');
    expect(run.status).toBe(0);
  });
});
