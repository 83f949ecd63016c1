/** The right to record into a study, kept alive while it is held. A runner that was believed dead finds its claim gone and stops. */
import { AppError, type StudyStore } from '@quantbot/core';

export interface Claim extends AsyncDisposable {
  readonly token: number;
  /** Throws STALE_CLAIM once the claim could not be renewed in time. */
  refuseIfLost(): void;
}

export interface ClaimRoom {
  readonly store: StudyStore;
  readonly owner: string;
  readonly nowMs: () => number;
}

const RENEW_EVERY_MS = 2_000;
/** Several renewals may be late before a runner is believed dead. */
export const STALE_AFTER_MS = 15_000;

/** Throws STUDY_RUNNING if another live process holds the study. */
export async function holdClaim({ store, owner, nowMs }: ClaimRoom, studyId: string): Promise<Claim> {
  const holder = await store.findClaimOwner(studyId);
  const staleAfterMs = holder !== undefined && isOwnerGone(holder, owner) ? 0 : STALE_AFTER_MS;
  const token = await store.claimStudy({ id: studyId, owner, nowMs: nowMs(), staleAfterMs });
  if (token === undefined) {
    throw new AppError('STUDY_RUNNING', `another process works on study ${studyId} (${holder ?? 'unknown'}); wait for it or end it`, {
      details: { owner: holder },
    });
  }
  let isLost = false;
  const timer = setInterval(() => {
    store.renewClaim({ id: studyId, token, nowMs: nowMs() }).then(
      (isHeld) => {
        isLost ||= !isHeld;
      },
      // A store that is busy or away for a moment is no lost claim; recording finds out for certain.
      () => undefined,
    );
  }, RENEW_EVERY_MS);
  timer.unref();
  return {
    token,
    refuseIfLost() {
      if (isLost) throw new AppError('STALE_CLAIM', `another process has taken over study ${studyId}`);
    },
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await store.releaseClaim({ id: studyId, token }).catch(() => undefined);
    },
  };
}

/** `host:pid`, which tells a process on the same machine whether the owner still lives. */
export function toOwner(host: string, pid: number): string {
  return `${host}:${String(pid)}`;
}

/** Whether the holder was a process of this machine that is no more. Of other machines nobody can tell: false. */
export function isOwnerGone(holder: string, self: string): boolean {
  const [host, pid] = splitOwner(holder);
  if (host !== splitOwner(self)[0] || !Number.isSafeInteger(pid)) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

function splitOwner(owner: string): readonly [string, number] {
  const at = owner.lastIndexOf(':');
  return [owner.slice(0, at), Number(owner.slice(at + 1))];
}
