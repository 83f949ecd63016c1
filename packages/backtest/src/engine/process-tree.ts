/** Ends a process and everything it started. Workers lead a process group of their own; children that left it are found through /proc. */
import { readdirSync, readFileSync } from 'node:fs';

function findChildren(pid: number): number[] {
  try {
    return readdirSync(`/proc/${String(pid)}/task`).flatMap((task) =>
      readFileSync(`/proc/${String(pid)}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
    );
  } catch {
    // The process is gone, or this system has no /proc: the process group is all there is.
    return [];
  }
}

function findDescendants(pid: number): number[] {
  const children = findChildren(pid);
  return children.flatMap((child) => [child, ...findDescendants(child)]);
}

function sendKill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Already gone: that is what was wanted.
  }
}

/** `pid` must be the leader of a process group (spawned with `detached: true`). */
export function killProcessTree(pid: number): void {
  const descendants = findDescendants(pid);
  sendKill(-pid);
  sendKill(pid);
  descendants.forEach(sendKill);
}
