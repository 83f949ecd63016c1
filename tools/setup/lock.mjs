/**
 * One set-up at a time per clone. The lock is a folder that is renamed into place with its owner's name in it, so
 * that there is never a lock without an owner. A lock whose owner has died, killed or crashed, is buried.
 */
import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import path from 'node:path';

const POLL_MS = 200;
const GRAVE_LIFETIME_MS = 3_600_000;
/** A lock whose owner cannot be read is what a power cut leaves behind. */
const BROKEN_AFTER_MS = 10_000;

/** The process that owns the lock, or a program that it started, which leads a process group. @typedef {{ pid: number, startedAt: string, isGroup: boolean }} Holder */
/** @typedef {{ id: string, holders: Holder[] }} Owner */
/** @typedef {{ addChild: (pid: number) => void, release: () => void }} HeldLock */

/**
 * Waits until the lock is free and takes it. A child added to the lock keeps it alive when this process is killed,
 * because an orphaned pip or npm still writes.
 * @param {string} lockDir @param {(pid: number) => void} onWait called once, with the process that is waited for
 * @returns {Promise<HeldLock>}
 */
export async function acquireLock(lockDir, onWait) {
  const owner = { id: randomUUID(), holders: [toHolder(process.pid, false)] };
  let hasSaid = false;
  while (!isTaken(lockDir, owner)) {
    const current = readOwner(lockDir);
    if (current !== undefined && !current.holders.some(isAlive)) bury(lockDir, current);
    else if (current === undefined && ageMs(lockDir) > BROKEN_AFTER_MS) rmSync(lockDir, { recursive: true, force: true });
    else {
      if (current !== undefined && !hasSaid) onWait(current.holders[0]?.pid ?? 0);
      hasSaid ||= current !== undefined;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }
  return {
    addChild: (pid) => {
      owner.holders = [...owner.holders.filter(isAlive), toHolder(pid, true)];
      writeOwner(lockDir, owner);
    },
    release: () => {
      if (readOwner(lockDir)?.id !== owner.id) return;
      bury(lockDir, owner);
      rmSync(toGrave(lockDir, owner), { recursive: true, force: true });
      removeOldGraves(lockDir);
    },
  };
}

/** @param {string} lockDir @param {Owner} owner */
function isTaken(lockDir, owner) {
  const draft = `${lockDir}.draft-${owner.id}`;
  mkdirSync(draft, { recursive: true });
  writeOwner(draft, owner);
  try {
    // Renaming onto a folder that is not empty fails, on every system: this is what makes taking the lock atomic.
    renameSync(draft, lockDir);
    return true;
  } catch {
    rmSync(draft, { recursive: true, force: true });
    return false;
  }
}

/**
 * The grave carries the dead owner's id and stays: a slower process that saw the same dead owner cannot rename a
 * living successor's lock onto it.
 * @param {string} lockDir @param {Owner} owner
 */
function bury(lockDir, owner) {
  try {
    renameSync(lockDir, toGrave(lockDir, owner));
  } catch {
    // Somebody else has buried it.
  }
}

/** @param {string} lockDir @param {Owner} owner */
function toGrave(lockDir, owner) {
  return `${lockDir}.grave-${owner.id}`;
}

/** @param {string} lockDir */
function removeOldGraves(lockDir) {
  const folder = path.dirname(lockDir);
  const prefixes = [`${path.basename(lockDir)}.grave-`, `${path.basename(lockDir)}.draft-`];
  for (const name of readdirSync(folder)) {
    if (!prefixes.some((prefix) => name.startsWith(prefix))) continue;
    const full = path.join(folder, name);
    if (ageMs(full) > GRAVE_LIFETIME_MS) rmSync(full, { recursive: true, force: true });
  }
}

/** Zero for what is not there. @param {string} file */
function ageMs(file) {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats === undefined ? 0 : Date.now() - stats.mtimeMs;
}

/** @param {string} folder @param {Owner} owner */
function writeOwner(folder, owner) {
  const draft = path.join(folder, `owner.${process.pid}`);
  writeFileSync(draft, JSON.stringify(owner));
  renameSync(draft, path.join(folder, 'owner.json'));
}

/** @param {string} lockDir @returns {Owner | undefined} */
function readOwner(lockDir) {
  try {
    return JSON.parse(readFileSync(path.join(lockDir, 'owner.json'), 'utf8'));
  } catch {
    return undefined;
  }
}

/** @param {number} pid @param {boolean} isGroup @returns {Holder} */
function toHolder(pid, isGroup) {
  return { pid, startedAt: findStartTime(pid), isGroup };
}

/** @param {Holder} holder */
function isAlive({ pid, startedAt, isGroup }) {
  if (isGroup && process.platform !== 'win32') return isGroupAlive(pid);
  return isReachable(pid) && findStartTime(pid) === startedAt;
}

/** Whether anything of the group is left, its leader or what that started. @param {number} group */
function isGroupAlive(group) {
  if (!isReachable(-group)) return false;
  if (process.platform !== 'linux') return true;
  // In a container nobody may collect the dead: they are still reachable, but hold nothing any more.
  return readdirSync('/proc').some((name) => {
    const fields = readStat(name);
    return fields?.[STAT.group] === String(group) && fields[STAT.state] !== 'Z';
  });
}

/** @param {number} target a process, or a group when negative */
function isReachable(target) {
  try {
    process.kill(target, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
}

/** Tells a process from a later one with the same number. Only Linux says; elsewhere the number must do. @param {number} pid */
function findStartTime(pid) {
  const fields = readStat(String(pid));
  return fields?.[STAT.state] === 'Z' ? 'ended' : (fields?.[STAT.startTime] ?? '');
}

/** Positions in /proc/<pid>/stat behind the name of the program. */
const STAT = { state: 0, group: 2, startTime: 19 };

/** @param {string} pid */
function readStat(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}
