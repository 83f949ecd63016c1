/** Records a block of trials: all of it in one transaction, exactly once, and only for the holder of the claim. */
import { AppError, type StudyStore, type TrialRecord } from '@quantbot/core';
import type { Insertable } from 'kysely';
import type { StudyDatabase, WriteTransaction } from './database/study-database.ts';
import type { StudyTables } from './database/tables.ts';
import { studyNotFound } from './study-lock.ts';
import { isAccepted, toColumns } from './trial-columns.ts';
import { encodeTrial, toLayout, type Layout } from './trial-json.ts';

type Block = Parameters<StudyStore['recordBlock']>[0];

/** Rows per statement: below the number of values that either database takes. */
const ROWS_PER_INSERT = 1_000;

/** A block as rows, before any of them is written. */
export interface EncodedBlock {
  readonly block: Omit<Block, 'trials'>;
  readonly counts: { readonly all: number; readonly failed: number; readonly pruned: number };
  readonly blockRow: Insertable<StudyTables['trial_block']>;
  readonly trialRows: readonly Insertable<StudyTables['trial']>[];
  readonly columnRows: readonly Insertable<StudyTables['trial_column']>[];
}

/** Finds the layout of each trial, the same object for equal ones. */
function createLayouts(): { readonly all: Layout[]; readonly of: (trial: TrialRecord) => Layout } {
  const all: Layout[] = [];
  const byText = new Map<string, Layout>();
  const byTrial = new Map<TrialRecord, Layout>();
  const find = (trial: TrialRecord): Layout => {
    const layout = toLayout(trial);
    const text = JSON.stringify(layout);
    const known = byText.get(text);
    if (known !== undefined) return known;
    byText.set(text, layout);
    all.push(layout);
    return layout;
  };
  return {
    all,
    of(trial) {
      const layout = byTrial.get(trial) ?? find(trial);
      byTrial.set(trial, layout);
      return layout;
    },
  };
}

/** BLOCK_OUT_OF_ORDER when the trials are not numbered from `first` on. */
export function encodeBlock({ trials, ...block }: Block): EncodedBlock {
  const { studyId, first } = block;
  trials.forEach((trial, index) => {
    if (trial.number !== first + index) {
      throw new AppError(
        'BLOCK_OUT_OF_ORDER',
        `a block from trial ${String(first)} on has trial ${String(trial.number)} in the place of ${String(first + index)}`,
      );
    }
  });
  const layouts = createLayouts();
  const trialRows = trials.map((trial) => {
    const layout = layouts.of(trial);
    const record = encodeTrial(trial, layouts.all.indexOf(layout));
    return { study_id: studyId, number: trial.number, block_first: first, state: trial.state, accepted: isAccepted(trial) ? 1 : 0, record };
  });
  const columnRows = toColumns(trials, layouts.of).map(({ kind, name, period, entries, best, bestAccepted }) => ({
    study_id: studyId,
    kind,
    name,
    period,
    first,
    entries: `[${entries.join(',')}]`,
    best,
    best_accepted: bestAccepted,
  }));
  const count = (state: TrialRecord['state']): number => trials.filter((trial) => trial.state === state).length;
  return {
    block,
    counts: { all: trials.length, failed: count('failed'), pruned: count('pruned') },
    blockRow: { study_id: studyId, first, layouts: JSON.stringify(layouts.all) },
    trialRows,
    columnRows,
  };
}

/** Counts the block in if the claim and the order are right; this also locks the study. false: they are not, and nothing was changed. */
async function countIn(transaction: WriteTransaction, { block, counts }: EncodedBlock): Promise<boolean> {
  const { numUpdatedRows } = await transaction
    .updateTable('study')
    .set((row) => ({
      trials_recorded: row('trials_recorded', '+', counts.all),
      trials_failed: row('trials_failed', '+', counts.failed),
      trials_pruned: row('trials_pruned', '+', counts.pruned),
      updated_at_ms: block.atMs,
    }))
    .where('id', '=', block.studyId)
    .where('claim_token', '=', block.token)
    .where('claim_owner', 'is not', null)
    .where('trials_recorded', '=', block.first)
    .executeTakeFirstOrThrow();
  return numUpdatedRows > 0n;
}

async function explainRefusal(transaction: WriteTransaction, { studyId, token, first }: EncodedBlock['block']): Promise<AppError> {
  const study = await transaction
    .selectFrom('study')
    .select(['claim_token', 'claim_owner', 'trials_recorded'])
    .where('id', '=', studyId)
    .executeTakeFirst();
  if (study === undefined) return studyNotFound(studyId);
  if (study.claim_token !== token || study.claim_owner === null) {
    const holder = study.claim_owner === null ? 'nobody holds the claim now' : `${study.claim_owner} holds it now`;
    return new AppError(
      'STALE_CLAIM',
      `the claim on study ${studyId} was lost (${holder}); trials from ${String(first)} on were not recorded. Stop this runner.`,
    );
  }
  return new AppError(
    'BLOCK_OUT_OF_ORDER',
    `study ${studyId} has ${String(study.trials_recorded)} trials, so the next block begins with trial ${String(study.trials_recorded)}, not ${String(first)}; nothing was written`,
  );
}

/** Whether an earlier attempt, whose answer was lost with the connection, has recorded exactly this block. */
async function isRecorded(transaction: WriteTransaction, { block, blockRow, trialRows }: EncodedBlock): Promise<boolean> {
  const there = await transaction
    .selectFrom('trial_block')
    .select('layouts')
    .where('study_id', '=', block.studyId)
    .where('first', '=', block.first)
    .executeTakeFirst();
  if (there?.layouts !== blockRow.layouts) return false;
  const rows = await transaction
    .selectFrom('trial')
    .select(['number', 'state', 'record'])
    .where('study_id', '=', block.studyId)
    .where('block_first', '=', block.first)
    .where('number', '>=', block.first)
    .orderBy('number')
    .execute();
  return (
    rows.length === trialRows.length &&
    rows.every(({ record, state }, index) => record === trialRows[index]?.record && state === trialRows[index].state)
  );
}

async function insertInParts<T>(rows: readonly T[], insert: (part: readonly T[]) => Promise<unknown>): Promise<void> {
  for (let start = 0; start < rows.length; start += ROWS_PER_INSERT) await insert(rows.slice(start, start + ROWS_PER_INSERT));
}

/** STUDY_NOT_FOUND, STALE_CLAIM or BLOCK_OUT_OF_ORDER: nothing is written. */
export async function recordBlock(database: StudyDatabase, encoded: EncodedBlock): Promise<void> {
  await database.write(async (transaction, again) => {
    if (!(await countIn(transaction, encoded))) {
      if (again && (await isRecorded(transaction, encoded))) return;
      throw await explainRefusal(transaction, encoded.block);
    }
    if (encoded.trialRows.length === 0) return;
    await transaction.insertInto('trial_block').values(encoded.blockRow).execute();
    await insertInParts(encoded.trialRows, (part) => transaction.insertInto('trial').values(part).execute());
    await insertInParts(encoded.columnRows, (part) => transaction.insertInto('trial_column').values(part).execute());
  });
}
