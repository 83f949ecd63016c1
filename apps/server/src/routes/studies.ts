/** Studies, their trials and the leaderboard: the store does the filtering, sorting and paging. */
import {
  AppError,
  toLeaderboardView,
  toObjectiveName,
  toStudyView,
  type QueryOf,
  type Study,
  type StudyFilter,
  type STUDY_ROUTES,
  type StudyState,
} from '@quantbot/core';
import type { Handlers } from '../http/register-route.ts';
import { toRelativePaths } from '../results/relative-paths.ts';
import type { Principal, ServerRoom } from '../room.ts';
import { refuseOthers } from '../results/job-actions.ts';

/** How long a claim may be silent before a study counts as abandoned; runners renew every two seconds. */
const STALE_AFTER_MS = 15_000;

export function createStudyHandlers(room: ServerRoom): Handlers<typeof STUDY_ROUTES> {
  const { studies, nowMs } = room;
  return {
    async listStudies({ query }) {
      const { items, total } = await studies.listStudies(toStudyFilter(query));
      return { items: items.map(toStudyView), total, offset: query.offset, limit: query.limit };
    },
    async getStudy({ params }) {
      const study = await getStudy(room, params.id);
      const artefacts = await studies.listArtefacts(study.id);
      const folder = artefacts.find(({ kind }) => kind === 'run_folder')?.path;
      return {
        study: toStudyView(study),
        definition: toRelativePaths(study.definition, room.folders.root) as Record<string, unknown>,
        artefacts: artefacts.map(({ kind, path, sha256, createdAtMs }) => ({
          kind,
          path: String(toRelativePaths(path, room.folders.root)),
          sha256,
          created_at: new Date(createdAtMs).toISOString(),
        })),
        run: folder?.split('/').at(-1) ?? null,
      };
    },
    pauseStudy: ({ params, principal }) => stopStudy(room, { id: params.id, principal }, { from: ['running'], to: 'paused' }),
    cancelStudy: ({ params, principal }) =>
      stopStudy(room, { id: params.id, principal }, { from: ['waiting', 'running', 'paused', 'failed'], to: 'cancelled' }),
    async deleteStudy({ params }) {
      if (await studies.deleteStudy(params.id, nowMs(), STALE_AFTER_MS)) return { id: params.id, deleted: true };
      throw noSuchStudy(params.id);
    },
    async getLeaderboard({ query }) {
      const { objective, period, strategy, accepted, limit } = query;
      const rows = await studies.findLeaderboard({
        objective: toObjectiveName(objective),
        period,
        limit,
        ...(strategy !== undefined && { strategy }),
        acceptedOnly: accepted === 'true',
      });
      return { objective, period, items: rows.map(toLeaderboardView) };
    },
  };
}

function toStudyFilter({ offset, limit, states, strategy, search }: QueryOf<typeof STUDY_ROUTES.listStudies>): StudyFilter {
  return {
    offset,
    limit,
    ...(states !== undefined && { states }),
    ...(strategy !== undefined && { strategy }),
    ...(search !== undefined && { search }),
  };
}

export async function getStudy({ studies }: ServerRoom, id: string): Promise<Study> {
  const study = await studies.findStudy(id);
  if (study === undefined) throw noSuchStudy(id);
  return study;
}

function noSuchStudy(id: string): AppError {
  return new AppError('STUDY_NOT_FOUND', `no study has the id ${id}; see GET /api/studies`);
}

interface Asked {
  readonly id: string;
  readonly principal: Principal;
}

interface Stop {
  readonly from: readonly StudyState[];
  readonly to: 'paused' | 'cancelled';
}

/** Idempotent: a study that is there already, or has ended, stays as it is and says so. */
async function stopStudy(room: ServerRoom, { id, principal }: Asked, { from, to }: Stop): Promise<{ id: string; state: StudyState }> {
  await getStudy(room, id);
  const job = await room.jobs.findJob(id);
  refuseOthers(principal, job);
  await room.studies.setStudyState({ id, from, to, reason: `${to} by the user`, atMs: room.nowMs() });
  if (job !== undefined && to === 'cancelled') await room.jobs.cancelJob(id, room.nowMs());
  room.runner?.hurry(id);
  return { id, state: (await getStudy(room, id)).state };
}
