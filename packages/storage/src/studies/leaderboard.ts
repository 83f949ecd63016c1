/**
 * The best trials over all studies. Each block of trials knows its best value, so that an index finds the blocks that matter:
 * ordered by (best value, age of the study, first trial), the best K trials are always within the first K blocks.
 */
import type { LeaderboardQuery, LeaderboardRow } from '@quantbot/core';
import { sql, type RawBuilder } from 'kysely';
import type { Queries, StudyDatabase } from './database/study-database.ts';
import type { KeptAnswers } from './kept-answers.ts';
import { toLimits } from './limits.ts';
import { createTrialDecoder, type StoredRow } from './trial-json.ts';

interface Found extends StoredRow {
  readonly id: string;
  readonly name: string;
  readonly strategy: string;
  readonly trials_recorded: number;
  readonly value: number;
}

const NOTHING = sql``;

function selectBestBlocks(query: LeaderboardQuery, limit: number): RawBuilder<unknown> {
  const best = sql.ref(query.acceptedOnly === true ? 'c.best_accepted' : 'c.best');
  return sql`(
    SELECT c.study_id, c.first, c.entries FROM trial_column AS c JOIN study AS s ON s.id = c.study_id
    WHERE c.kind = 'objective' AND c.name = ${query.objective} AND c.period = ${query.period} AND ${best} IS NOT NULL
      ${query.strategy === undefined ? NOTHING : sql`AND s.strategy = ${query.strategy}`}
    ORDER BY ${best} DESC, s.created_at_ms, s.id, c.first LIMIT ${limit})`;
}

/** Records are only fetched for the trials that made it. */
function selectBestTrials(database: StudyDatabase, query: LeaderboardQuery): RawBuilder<Found> {
  const { limit } = toLimits(query);
  return sql`
    WITH v AS MATERIALIZED (${database.explode(selectBestBlocks(query, limit))})
    SELECT s.id, s.name, s.strategy, s.trials_recorded, t.number, t.state, t.record, b.layouts, best.value
    FROM (
      SELECT v.study_id, v.number, v.number_value AS value
      FROM v JOIN trial AS t ON t.study_id = v.study_id AND t.number = v.number
      JOIN study AS s ON s.id = v.study_id
      WHERE v.number_value IS NOT NULL AND t.state = 'complete' ${query.acceptedOnly === true ? sql`AND t.accepted = 1` : NOTHING}
      ORDER BY v.number_value DESC, s.created_at_ms, s.id, v.number LIMIT ${limit}
    ) AS best
    JOIN study AS s ON s.id = best.study_id
    JOIN trial AS t ON t.study_id = best.study_id AND t.number = best.number
    JOIN trial_block AS b ON b.study_id = t.study_id AND b.first = t.block_first
    ORDER BY best.value DESC, s.created_at_ms, s.id, t.number`;
}

/** Which studies there are, and how many trials: studies are not born at the same moment, and those that are there only grow. */
async function readVersion(queries: Queries): Promise<string> {
  const { rows } = await sql<{ version: string }>`
    SELECT count(*) || ' ' || CAST(coalesce(sum(trials_recorded), 0) AS TEXT) || ' ' || CAST(coalesce(sum(created_at_ms), 0) AS TEXT)
      AS version FROM study`.execute(queries);
  return rows[0]?.version ?? '';
}

interface LeaderboardRoom {
  readonly database: StudyDatabase;
  readonly leaderboards: KeptAnswers<readonly LeaderboardRow[]>;
}

export function findLeaderboard({ database, leaderboards }: LeaderboardRoom, query: LeaderboardQuery): Promise<readonly LeaderboardRow[]> {
  return database.readSnapshot(async (queries) =>
    leaderboards.find(JSON.stringify(query), await readVersion(queries), () => readLeaderboard(queries, selectBestTrials(database, query))),
  );
}

async function readLeaderboard(queries: Queries, select: RawBuilder<Found>): Promise<readonly LeaderboardRow[]> {
  const { rows } = await select.execute(queries);
  const decode = createTrialDecoder();
  return rows.map((row, index) => ({
    rank: index + 1,
    study: { id: row.id, name: row.name, strategy: row.strategy, trialsRecorded: row.trials_recorded },
    trial: decode(row),
    value: row.value,
  }));
}
