/** The study store of a workspace (one SQLite file) or of a team (PostgreSQL): the port of core over one of the two databases. */
import type { LeaderboardRow, StudyStore, TrialRecord } from '@quantbot/core';
import { listArtefacts, recordArtefact } from './artefacts.ts';
import { claimStudy, findClaimOwner, releaseClaim, renewClaim } from './claims.ts';
import { openPostgresDatabase } from './database/postgres-database.ts';
import { openSqliteDatabase } from './database/sqlite-database.ts';
import type { StudyDatabase } from './database/study-database.ts';
import { keepAnswers } from './kept-answers.ts';
import { findLeaderboard } from './leaderboard.ts';
import { findTrial, listTrials, streamTrials, type TrialOrder } from './read-trials.ts';
import { encodeBlock, recordBlock } from './record-block.ts';
import { createStudy, deleteStudy, findStudy, listStudies, setStudyState, toStudyRow } from './study-rows.ts';

/** `path`: made when it is not there. `url`: postgres://user:password@host:port/database; its tables are made in the current schema. */
export type StudyStoreLocation = { readonly kind: 'sqlite'; readonly path: string } | { readonly kind: 'postgres'; readonly url: string };

/** Some megabytes at most: orders are cut at a few thousand numbers, leaderboards at a thousand rows. */
const KEPT_ORDERS = 64;
const KEPT_LEADERBOARDS = 16;

/** The port over a database that is open; closing the store closes it. */
export function createStudyStore(database: StudyDatabase): StudyStore {
  const guard = async <T>(doing: string, action: () => Promise<T>): Promise<T> => {
    try {
      return await action();
    } catch (error) {
      throw database.toError(error, doing);
    }
  };
  async function* guardStream(doing: string, stream: AsyncIterable<TrialRecord>): AsyncGenerator<TrialRecord, void, undefined> {
    const trials = stream[Symbol.asyncIterator]();
    try {
      for (;;) {
        const next = await guard(doing, () => trials.next());
        if (next.done === true) return;
        yield next.value;
      }
    } finally {
      await trials.return?.();
    }
  }
  const orders = keepAnswers<TrialOrder>(KEPT_ORDERS);
  const leaderboards = keepAnswers<readonly LeaderboardRow[]>(KEPT_LEADERBOARDS);
  return {
    async createStudy(study) {
      const row = toStudyRow(study);
      return guard('creating a study', () => createStudy(database, row));
    },
    findStudy: (id) => guard('reading a study', () => database.read((queries) => findStudy(queries, id))),
    listStudies: (filter) => guard('listing the studies', async () => listStudies(database, filter)),
    setStudyState: (change) => guard('changing the state of a study', () => setStudyState(database, change)),
    claimStudy: (claim) => guard('claiming a study', () => claimStudy(database, claim)),
    findClaimOwner: (id) => guard('reading a claim', () => findClaimOwner(database, id)),
    renewClaim: (claim) => guard('renewing a claim', () => renewClaim(database, claim)),
    releaseClaim: (claim) => guard('releasing a claim', () => releaseClaim(database, claim)),
    async recordBlock(block) {
      const encoded = encodeBlock(block);
      await guard('recording trials', () => recordBlock(database, encoded));
    },
    findTrial: (studyId, number) => guard('reading a trial', () => findTrial({ database, studyId }, number)),
    listTrials: (studyId, query) => guard('listing trials', async () => listTrials({ database, studyId, orders }, query)),
    streamTrials: (studyId, fromNumber) => guardStream('reading the trials', streamTrials({ database, studyId }, fromNumber)),
    findLeaderboard: (query) => guard('reading the leaderboard', () => findLeaderboard({ database, leaderboards }, query)),
    recordArtefact: (studyId, artefact) => guard('recording an artefact', () => recordArtefact(database, studyId, artefact)),
    listArtefacts: (studyId) => guard('listing artefacts', () => database.read((queries) => listArtefacts(queries, studyId))),
    deleteStudy: (id, nowMs, staleAfterMs) => guard('deleting a study', () => deleteStudy(database, id, { nowMs, staleAfterMs })),
    close: () => database.close(),
  };
}

/** Makes the tables, or brings them up to date, first. Close it at the end. STORAGE_FAILED or DISK_FULL. */
export async function openStudyStore(location: StudyStoreLocation): Promise<StudyStore> {
  return createStudyStore(await openStudyDatabase(location));
}

/** The same, as the database that studies, jobs and keys share. */
export function openStudyDatabase(location: StudyStoreLocation): Promise<StudyDatabase> {
  return location.kind === 'sqlite' ? openSqliteDatabase(location.path) : openPostgresDatabase(location.url);
}
