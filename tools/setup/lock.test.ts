import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { acquireLock } from './lock.mjs';

describe('the lock of a set-up', () => {
  let folder: string;
  let lockDir: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'quantbot-lock-'));
    lockDir = path.join(folder, 'setup.lock');
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  const failOnWait = (pid: number): void => {
    throw new Error(`waited for process ${String(pid)}`);
  };

  /** A process that has the lock until it is killed. */
  async function startHolder(): Promise<ReturnType<typeof spawn>> {
    const script = `
      const { acquireLock } = await import(${JSON.stringify(new URL('./lock.mjs', import.meta.url).href)});
      await acquireLock(${JSON.stringify(lockDir)}, () => {});
      console.log('held');
      setInterval(() => {}, 1000);
    `;
    const holder = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(holder.stdout, 'data');
    return holder;
  }

  it('is free again after its release, and leaves nothing behind', async () => {
    const first = await acquireLock(lockDir, failOnWait);
    first.release();
    (await acquireLock(lockDir, failOnWait)).release();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('makes a second set-up wait, and names the process that it waits for', async () => {
    const holder = await startHolder();
    const waitedFor: number[] = [];
    const second = acquireLock(lockDir, (pid) => {
      waitedFor.push(pid);
      holder.kill('SIGKILL');
    });
    (await second).release();
    expect(waitedFor).toEqual([holder.pid]);
  });

  it('is taken over from a process that was killed', async () => {
    const holder = await startHolder();
    holder.kill('SIGKILL');
    await once(holder, 'close');
    expect(existsSync(lockDir)).toBe(true);
    (await acquireLock(lockDir, failOnWait)).release();
  });

  it.skipIf(process.platform === 'win32')('stays with the orphans of a killed set-up until they have ended', async () => {
    // The leader of the group ends at once and leaves a child behind, as pip and npm can.
    const leaveChild =
      "require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' }).unref()";
    const leader = spawn(process.execPath, ['-e', leaveChild], { stdio: 'ignore', detached: true });
    await once(leader, 'exit');
    const group = leader.pid ?? 0;
    const held = await acquireLock(lockDir, failOnWait);
    held.addChild(group);
    // As if this process, the owner, had been killed: only the orphans are left among the holders.
    const ownerFile = path.join(lockDir, 'owner.json');
    const owner = JSON.parse(readFileSync(ownerFile, 'utf8')) as { holders: { pid: number }[] };
    writeFileSync(ownerFile, JSON.stringify({ ...owner, holders: owner.holders.filter(({ pid }) => pid !== process.pid) }));
    let hasWaited = false;
    const next = await acquireLock(lockDir, () => {
      hasWaited = true;
      process.kill(-group, 'SIGKILL');
    });
    next.release();
    expect(hasWaited).toBe(true);
  });

  it('is given to exactly one of many that find the same dead owner', async () => {
    const holder = await startHolder();
    holder.kill('SIGKILL');
    await once(holder, 'close');
    let inside = 0;
    let most = 0;
    const visits = Array.from({ length: 8 }, async () => {
      const lock = await acquireLock(lockDir, () => undefined);
      inside += 1;
      most = Math.max(most, inside);
      await new Promise((resolve) => setImmediate(resolve));
      inside -= 1;
      lock.release();
    });
    await Promise.all(visits);
    expect(most).toBe(1);
  });

  it('recovers from a lock folder that a power cut left without an owner', async () => {
    mkdirSync(lockDir);
    writeFileSync(path.join(lockDir, 'owner.json'), '');
    utimesSync(lockDir, 0, 0);
    (await acquireLock(lockDir, failOnWait)).release();
  });
});
