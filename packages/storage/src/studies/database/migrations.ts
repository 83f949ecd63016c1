/** The numbered migrations of the study store, oldest first: one list for both databases. A migration that was released never changes. */

/** Where the two databases spell a type differently. */
export interface SqlTypes {
  /** 64 bits. */
  readonly integer: string;
  /** IEEE 754 double. */
  readonly real: string;
  /** UTF-8, compared byte by byte, so that both databases sort alike. */
  readonly text: string;
  /** After the closing bracket of a table. */
  readonly tableEnd: string;
  /** Stores long texts as they are; null where the database always does. */
  readonly keepUncompressed: ((table: string, column: string) => string) | null;
}

export const SQLITE_TYPES: SqlTypes = { integer: 'INTEGER', real: 'REAL', text: 'TEXT', tableEnd: 'STRICT', keepUncompressed: null };

export const POSTGRES_TYPES: SqlTypes = {
  integer: 'BIGINT',
  real: 'DOUBLE PRECISION',
  text: 'TEXT COLLATE "C"',
  tableEnd: '',
  keepUncompressed: (table, column) => `ALTER TABLE ${table} ALTER COLUMN ${column} SET STORAGE EXTERNAL`,
};

/** The statements of one migration. */
export type Migration = (types: SqlTypes) => readonly string[];

const createStudies: Migration = ({ integer, text, tableEnd }) => [
  `CREATE TABLE study (
    id ${text} PRIMARY KEY,
    name ${text} NOT NULL,
    search_text ${text} NOT NULL,
    strategy ${text} NOT NULL,
    definition ${text} NOT NULL,
    state ${text} NOT NULL CHECK (state IN ('waiting', 'running', 'paused', 'complete', 'cancelled', 'failed')),
    reason ${text},
    created_at_ms ${integer} NOT NULL,
    updated_at_ms ${integer} NOT NULL,
    trials_recorded ${integer} NOT NULL CHECK (trials_recorded >= 0),
    trials_failed ${integer} NOT NULL CHECK (trials_failed >= 0),
    trials_pruned ${integer} NOT NULL CHECK (trials_pruned >= 0),
    claim_token ${integer} NOT NULL,
    claim_owner ${text},
    claimed_at_ms ${integer}
  ) ${tableEnd}`,
  'CREATE INDEX study_by_age ON study (created_at_ms, id)',
  `CREATE TABLE artefact (
    study_id ${text} NOT NULL REFERENCES study (id) ON DELETE CASCADE,
    path ${text} NOT NULL,
    kind ${text} NOT NULL,
    sha256 ${text} NOT NULL,
    created_at_ms ${integer} NOT NULL,
    PRIMARY KEY (study_id, path)
  ) ${tableEnd}`,
];

const createTrials: Migration = ({ integer, real, text, tableEnd, keepUncompressed }) => [
  `CREATE TABLE trial_block (
    study_id ${text} NOT NULL REFERENCES study (id) ON DELETE CASCADE,
    first ${integer} NOT NULL,
    layouts ${text} NOT NULL,
    PRIMARY KEY (study_id, first)
  ) ${tableEnd}`,
  `CREATE TABLE trial (
    study_id ${text} NOT NULL REFERENCES study (id) ON DELETE CASCADE,
    number ${integer} NOT NULL CHECK (number >= 0),
    block_first ${integer} NOT NULL,
    state ${text} NOT NULL CHECK (state IN ('complete', 'pruned', 'failed')),
    accepted ${integer} NOT NULL CHECK (accepted IN (0, 1)),
    record ${text} NOT NULL,
    PRIMARY KEY (study_id, number)
  ) ${tableEnd}`,
  // Holds all that sorting and filtering need of a trial, so that its record is only read for the page that is shown.
  'CREATE INDEX trial_without_record ON trial (study_id, number, state, accepted)',
  `CREATE TABLE trial_column (
    study_id ${text} NOT NULL REFERENCES study (id) ON DELETE CASCADE,
    kind ${text} NOT NULL CHECK (kind IN ('param', 'metric', 'objective')),
    name ${text} NOT NULL,
    period ${text} NOT NULL,
    first ${integer} NOT NULL,
    entries ${text} NOT NULL,
    best ${real},
    best_accepted ${real},
    PRIMARY KEY (study_id, kind, name, period, first)
  ) ${tableEnd}`,
  "CREATE INDEX trial_column_by_best ON trial_column (name, period, best) WHERE kind = 'objective' AND best IS NOT NULL",
  "CREATE INDEX trial_column_by_best_accepted ON trial_column (name, period, best_accepted) WHERE kind = 'objective' AND best_accepted IS NOT NULL",
  // Compressing digits costs more time than it saves in space.
  ...(keepUncompressed === null ? [] : [keepUncompressed('trial_column', 'entries'), keepUncompressed('trial', 'record')]),
];

const createJobs: Migration = ({ integer, text, tableEnd }) => [
  `CREATE TABLE job (
    id ${text} PRIMARY KEY,
    kind ${text} NOT NULL CHECK (kind IN ('backtest', 'v1_baseline', 'study', 'walk_forward')),
    name ${text} NOT NULL,
    search_text ${text} NOT NULL,
    state ${text} NOT NULL CHECK (state IN ('queued', 'running', 'cancelling', 'complete', 'cancelled', 'failed')),
    priority ${integer} NOT NULL,
    submitted_by ${text} NOT NULL,
    request ${text} NOT NULL,
    progress ${text},
    result ${text},
    error ${text},
    study_id ${text},
    attempts ${integer} NOT NULL CHECK (attempts >= 0),
    created_at_ms ${integer} NOT NULL,
    started_at_ms ${integer},
    finished_at_ms ${integer},
    claim_token ${integer} NOT NULL,
    claim_owner ${text},
    claimed_at_ms ${integer}
  ) ${tableEnd}`,
  'CREATE INDEX job_by_age ON job (created_at_ms, id)',
  "CREATE INDEX job_open ON job (state, submitted_by) WHERE state IN ('queued', 'running', 'cancelling')",
  'CREATE INDEX job_by_study ON job (study_id)',
  `CREATE TABLE job_submitter (id ${text} PRIMARY KEY, submitted ${integer} NOT NULL) ${tableEnd}`,
];

const createKeys: Migration = ({ integer, text, tableEnd }) => [
  `CREATE TABLE api_key (
    id ${text} PRIMARY KEY,
    name ${text} NOT NULL,
    role ${text} NOT NULL CHECK (role IN ('read', 'run', 'admin')),
    prefix ${text} NOT NULL,
    sha256 ${text} NOT NULL UNIQUE,
    created_at_ms ${integer} NOT NULL,
    last_used_at_ms ${integer},
    revoked_at_ms ${integer}
  ) ${tableEnd}`,
];

export const MIGRATIONS: readonly Migration[] = [
  (types) => [...createStudies(types), ...createTrials(types)],
  (types) => [...createJobs(types), ...createKeys(types)],
];
