/** The tables of studies, jobs and keys as Kysely sees them; migrations.ts makes them. The same on SQLite and PostgreSQL. */
import type { ColumnType } from 'kysely';

type Fixed<T> = ColumnType<T, T, never>;

export interface StudyTable {
  id: Fixed<string>;
  name: Fixed<string>;
  /** Name and id in lower case, for `search`. */
  search_text: Fixed<string>;
  strategy: Fixed<string>;
  /** JSON of a StudyDefinition. */
  definition: Fixed<string>;
  state: string;
  reason: string | null;
  created_at_ms: Fixed<number>;
  updated_at_ms: number;
  trials_recorded: number;
  trials_failed: number;
  trials_pruned: number;
  /** The last token that was given out; it only grows. */
  claim_token: number;
  /** null: nobody holds the claim. */
  claim_owner: string | null;
  claimed_at_ms: number | null;
}

/** What the trials of one `recordBlock` share. */
interface TrialBlockTable {
  study_id: Fixed<string>;
  /** Number of its first trial. */
  first: Fixed<number>;
  /** JSON: the names of the figures, which the records of its trials leave out (trial-json.ts). */
  layouts: Fixed<string>;
}

interface TrialTable {
  study_id: Fixed<string>;
  number: Fixed<number>;
  block_first: Fixed<number>;
  state: Fixed<string>;
  /** 1: complete and meets all success criteria. */
  accepted: Fixed<number>;
  /** The whole trial as JSON (trial-json.ts); the other columns and `trial_column` only help to find it. */
  record: Fixed<string>;
}

/** One figure or parameter of all trials of a block, so that SQL can sort and filter by it (trial-columns.ts tells why so). */
interface TrialColumnTable {
  study_id: Fixed<string>;
  kind: Fixed<'param' | 'metric' | 'objective'>;
  name: Fixed<string>;
  /** '' for parameters. */
  period: Fixed<string>;
  /** Number of the first trial of the block. */
  first: Fixed<number>;
  /** JSON array, one entry per trial of the block: a number, a text, or null when undefined. */
  entries: Fixed<string>;
  /** Objectives: the largest entry of a complete trial, and of an accepted one. */
  best: Fixed<number | null>;
  best_accepted: Fixed<number | null>;
}

interface ArtefactTable {
  study_id: Fixed<string>;
  path: Fixed<string>;
  kind: string;
  sha256: string;
  created_at_ms: number;
}

export interface JobTable {
  id: Fixed<string>;
  kind: Fixed<string>;
  name: Fixed<string>;
  /** Name and id in lower case, for `search`. */
  search_text: Fixed<string>;
  state: string;
  priority: Fixed<number>;
  submitted_by: Fixed<string>;
  /** JSON, as are progress, result and error. */
  request: Fixed<string>;
  progress: string | null;
  result: string | null;
  error: string | null;
  study_id: Fixed<string | null>;
  attempts: number;
  created_at_ms: Fixed<number>;
  started_at_ms: number | null;
  finished_at_ms: number | null;
  /** The last token that was given out; it only grows. */
  claim_token: number;
  claim_owner: string | null;
  claimed_at_ms: number | null;
}

/** One row per submitter, locked while one of their jobs is counted and written. */
interface JobSubmitterTable {
  id: Fixed<string>;
  submitted: number;
}

export interface ApiKeyTable {
  id: Fixed<string>;
  name: Fixed<string>;
  role: Fixed<string>;
  prefix: Fixed<string>;
  sha256: Fixed<string>;
  created_at_ms: Fixed<number>;
  last_used_at_ms: number | null;
  revoked_at_ms: number | null;
}

export interface StudyTables {
  study: StudyTable;
  trial_block: TrialBlockTable;
  trial: TrialTable;
  trial_column: TrialColumnTable;
  artefact: ArtefactTable;
  job: JobTable;
  job_submitter: JobSubmitterTable;
  api_key: ApiKeyTable;
}
