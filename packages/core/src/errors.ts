/** The one catalogue of error codes, shared with the engine (protocol enum) and with docs/errors.md. */

/** How a kind of failure is treated at the borders: HTTP status, process exit code, and whether trying again can help. */
export interface ErrorKind {
  readonly httpStatus: number;
  readonly exitCode: number;
  readonly retryable: boolean;
  readonly meaning: string;
}

/** Exit codes of the command line. Documented in docs/errors.md. */
export const EXIT_CODES = {
  ok: 0,
  internal: 1,
  usage: 2,
  invalidInput: 3,
  missingData: 4,
  jobFailed: 5,
  server: 7,
  temporary: 75,
  deadline: 124,
  interrupted: 130,
  terminated: 143,
} as const;

function kind(httpStatus: number, exitCode: number, meaning: string): ErrorKind {
  return { httpStatus, exitCode, retryable: false, meaning };
}

function retryable(final: ErrorKind): ErrorKind {
  return { ...final, retryable: true };
}

export const ERROR_CATALOGUE = {
  USAGE: kind(400, EXIT_CODES.usage, 'A command was called with flags or arguments that it does not have.'),
  INVALID_REQUEST: kind(400, EXIT_CODES.invalidInput, 'A request breaks the contract: a field is missing, unknown, or out of its range.'),
  INVALID_CONFIG: kind(400, EXIT_CODES.invalidInput, 'quantbot.yaml holds an unknown key or a value out of its range.'),
  INVALID_MARKET_DATA: kind(
    422,
    EXIT_CODES.invalidInput,
    'Candles or calls break a rule of docs/assumptions.md: a bad price, times that do not increase, a duplicate id.',
  ),
  CONFLICTING_DATA: kind(409, EXIT_CODES.invalidInput, 'Imported rows contradict rows that the catalogue already holds.'),
  UNREADABLE_FILE: kind(422, EXIT_CODES.invalidInput, 'A file could not be read as the format it claims to be.'),
  FILE_NOT_FOUND: kind(404, EXIT_CODES.missingData, 'A named file or folder does not exist.'),
  NO_WORKSPACE: kind(404, EXIT_CODES.missingData, 'No quantbot.yaml was found in this folder or above it.'),
  WORKSPACE_EXISTS: kind(409, EXIT_CODES.usage, 'The folder already holds a workspace.'),
  NO_CALLS: kind(404, EXIT_CODES.missingData, 'No calls are left after the date range and the filters.'),
  NO_CANDLES: kind(
    404,
    EXIT_CODES.missingData,
    'There are no candles for what was asked: the symbol, the interval or the range has none stored, or none of the calls has any.',
  ),
  SLICE_NOT_FOUND: kind(404, EXIT_CODES.missingData, 'A slice named in a request is not on disk.'),
  SLICE_CORRUPT: kind(422, EXIT_CODES.invalidInput, 'A slice on disk does not match the hashes in its manifest.'),
  INVALID_STUDY: kind(
    400,
    EXIT_CODES.invalidInput,
    'A study file or search space breaks its contract; the message names file, line and column.',
  ),
  INVALID_STRATEGY: kind(
    400,
    EXIT_CODES.invalidInput,
    'A strategy cannot be used as it is written: syntax, an unknown name, a parameter out of its range; the message names file, line and column.',
  ),
  STRATEGY_NOT_FOUND: kind(404, EXIT_CODES.missingData, 'No strategy has this name.'),
  SOURCE_UNREACHABLE: retryable(
    kind(502, EXIT_CODES.temporary, 'A data source (candle server, database, exchange, quote service) did not answer as expected.'),
  ),
  JOB_NOT_FOUND: kind(404, EXIT_CODES.missingData, 'No backtest, optimisation or batch has this id.'),
  JOB_NOT_COMPLETE: retryable(kind(409, EXIT_CODES.temporary, 'This work has no result yet, or has ended without one.')),
  JOB_LOST: kind(500, EXIT_CODES.jobFailed, 'The servers that worked on this job ended again and again before it was done.'),
  QUEUE_FULL: retryable(kind(429, EXIT_CODES.temporary, 'So many jobs of this submitter wait already that no more are taken.')),
  PAYLOAD_TOO_LARGE: kind(413, EXIT_CODES.invalidInput, 'A request or an uploaded file has more bytes than the server takes.'),
  LIMIT_EXCEEDED: kind(422, EXIT_CODES.invalidInput, 'A request asks for more than one request may: combinations, candles, rows or time.'),
  NOT_FOUND: kind(404, EXIT_CODES.missingData, 'There is nothing at this address.'),
  UNAUTHENTICATED: kind(401, EXIT_CODES.server, 'A key or token is needed, or the one that was given is not valid.'),
  FORBIDDEN: kind(403, EXIT_CODES.server, 'The key or token does not allow this.'),
  RATE_LIMITED: retryable(kind(429, EXIT_CODES.temporary, 'Too many requests in a short time.')),
  SERVER_UNREACHABLE: retryable(kind(502, EXIT_CODES.server, 'The server did not answer, or not in the way a quantbot server does.')),
  STUDY_NOT_FOUND: kind(404, EXIT_CODES.missingData, 'No study has this id.'),
  STUDY_RUNNING: retryable(kind(409, EXIT_CODES.temporary, 'Another process works on this study.')),
  STALE_CLAIM: retryable(
    kind(409, EXIT_CODES.temporary, 'Another process has taken over this study; what this one still had was not recorded.'),
  ),
  BLOCK_OUT_OF_ORDER: kind(
    409,
    EXIT_CODES.internal,
    'A block of trials does not follow the last one that was recorded; nothing was written.',
  ),
  STRATEGY_FAILED: kind(
    422,
    EXIT_CODES.jobFailed,
    'A strategy raised an error or gave back something that is no result; its traceback is kept with the trial.',
  ),
  TOO_MANY_FAILURES: kind(500, EXIT_CODES.jobFailed, 'So many trials of a study failed that going on makes no sense.'),
  DISK_FULL: retryable(kind(507, EXIT_CODES.temporary, 'The disk has no room for what was to be written; nothing was kept half done.')),
  STORAGE_FAILED: kind(500, EXIT_CODES.internal, 'Reading or writing the catalogue failed.'),
  STORE_UNREACHABLE: retryable(
    kind(503, EXIT_CODES.temporary, 'The study store did not answer: PostgreSQL is away, or another process holds the file.'),
  ),
  SETUP_INCOMPLETE: retryable(
    kind(
      500,
      EXIT_CODES.temporary,
      'Something is not installed, or broken: the Python environment, which `npm run setup` mends, or an optional package that the message names.',
    ),
  ),
  PROTOCOL_MISMATCH: kind(500, EXIT_CODES.internal, 'The engine speaks another version of the protocol, or sent a message outside it.'),
  ENGINE_CRASHED: retryable(kind(500, EXIT_CODES.jobFailed, 'The engine process ended before it answered.')),
  ENGINE_TIMEOUT: retryable(kind(504, EXIT_CODES.deadline, 'The engine did not answer within the time limit and was ended.')),
  ENGINE_BUG: kind(500, EXIT_CODES.internal, 'The engine failed in a way that it does not expect; the traceback is in the details.'),
  OUT_OF_MEMORY: kind(507, EXIT_CODES.jobFailed, 'The engine needed more memory than it may use.'),
  CANCELLED: kind(499, EXIT_CODES.interrupted, 'The work was cancelled before it was done.'),
  INTERNAL: kind(500, EXIT_CODES.internal, 'A bug in quantbot.'),
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof ERROR_CATALOGUE;
export const ERROR_CODES = Object.keys(ERROR_CATALOGUE) as [ErrorCode, ...ErrorCode[]];

/** An operational error: what was expected, what was found, what to do next. Bugs are not AppErrors. */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, options: { cause?: unknown; details?: Record<string, unknown> } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.details = options.details ?? {};
  }

  get exitCode(): number {
    return ERROR_CATALOGUE[this.code].exitCode;
  }
}
