/** Strategies of Python files: only the engine can say what a file registers, since it takes running it. */
import { readFile } from 'node:fs/promises';
import { AppError, ERROR_CODES, type ErrorCode, type StrategyDescription } from '@quantbot/core';
import type { EngineProgress } from '../engine/engine-worker.ts';
import type { PythonEngine, RunOptions } from '../engine/python-engine.ts';
import type { LoadedStrategy } from './loaded-strategy.ts';
import { toConfig } from './read-rule-strategy.ts';
import { hashSource, readSignalFiles } from './strategy-files.ts';

/** A file that could not be used, and why; the others are not affected. */
export interface StrategyProblem {
  readonly path: string;
  readonly error: AppError;
}

export interface FoundStrategies {
  readonly strategies: readonly LoadedStrategy[];
  readonly problems: readonly StrategyProblem[];
  /** Functions that report figures themselves: for studies with `files`, not for backtests. */
  readonly trialFunctions: readonly { readonly name: string; readonly path: string }[];
}

/** Limit of reading one file. */
const READ_TIMEOUT_MS = 30_000;

/** Strategies of these files, in order. A file that fails, never ends (within the limit for each) or ends the engine is among the problems. */
export async function readPythonStrategies(
  engine: PythonEngine,
  paths: readonly string[],
  timeoutMs = READ_TIMEOUT_MS,
): Promise<FoundStrategies> {
  const stuck: StrategyProblem[] = [];
  for (let rest = paths; ; rest = rest.filter((path) => stuck.every((problem) => problem.path !== path))) {
    const watch = watchFiles(timeoutMs);
    try {
      // The engine's own limit, for all together, must not come before that of one file.
      const allMs = timeoutMs * (rest.length + 1);
      const found = await readPythonFiles(engine, rest, { timeoutMs: allMs, signal: watch.signal, onProgress: watch.onProgress });
      return { ...found, problems: [...found.problems, ...stuck] };
    } catch (error) {
      // The files before it are read again without it, which takes a moment.
      const path = rest[watch.filesRead() ?? rest.length];
      if (path === undefined || !(error instanceof AppError) || !ENDS_OF_A_FILE.includes(error.code)) throw error;
      stuck.push({ path, error: toEnd(path, error, timeoutMs) });
    } finally {
      watch.stop();
    }
  }
}

/** What one file can do to the engine, and so to the files that are read with it. CANCELLED is the limit of `watchFiles`. */
const ENDS_OF_A_FILE: readonly ErrorCode[] = ['CANCELLED', 'ENGINE_CRASHED', 'OUT_OF_MEMORY'];

function toEnd(path: string, cause: AppError, timeoutMs: number): AppError {
  if (cause.code !== 'CANCELLED') return new AppError(cause.code, `${path}: ${cause.message}`, { cause });
  const limit = `${String(timeoutMs / 1000)} s`;
  return new AppError('ENGINE_TIMEOUT', `${path}: reading it did not end within ${limit} and was ended`, {
    cause,
    details: { limitMs: timeoutMs },
  });
}

/** Each file that is done gives the next one its own time. */
function watchFiles(timeoutMs: number) {
  const controller = new AbortController();
  let done: number | undefined;
  let timer: NodeJS.Timeout | undefined;
  return {
    signal: controller.signal,
    /** undefined: the engine has not begun. */
    filesRead: () => done,
    onProgress: (progress: EngineProgress): void => {
      done = progress.done;
      clearTimeout(timer);
      timer = setTimeout(() => {
        controller.abort();
      }, timeoutMs);
    },
    stop(): void {
      clearTimeout(timer);
    },
  };
}

/** As `readPythonStrategies`, with the engine's own limit: ENGINE_TIMEOUT and ENGINE_CRASHED if a file never ends or ends the engine. */
export async function readPythonFiles(engine: PythonEngine, paths: readonly string[], options: RunOptions = {}): Promise<FoundStrategies> {
  if (paths.length === 0) return { strategies: [], problems: [], trialFunctions: [] };
  const { result } = await engine.run({ operation: 'describe_strategies', files: [...paths], rules: null }, options);
  const described = result.strategies.flatMap((description) => {
    const { file } = description;
    return file === null || !paths.includes(file) ? [] : [{ description, path: file }];
  });
  const candle = described.filter(({ description }) => description.kind === 'python');
  return {
    strategies: await Promise.all(candle.map(({ description, path }) => toLoaded(description, path))),
    problems: result.problems.map(({ file, code, message, traceback }) => ({
      path: file ?? '',
      error: new AppError(toCode(code), message, { details: traceback === null ? {} : { traceback } }),
    })),
    trialFunctions: described
      .filter(({ description }) => description.kind === 'trial_function')
      .map(({ description, path }) => ({ name: description.name, path })),
  };
}

async function toLoaded({ name, summary, parameters, space }: StrategyDescription, path: string): Promise<LoadedStrategy> {
  const [text, signals] = await Promise.all([readFile(path, 'utf8'), readSignalFiles(path)]);
  return {
    name,
    kind: 'python',
    path,
    sourceHash: hashSource(text, signals),
    description: summary,
    reference: { name, config: toConfig({ signal_files: [...signals.paths] }), files: [path] },
    parameters,
    linkedParameters: [],
    unusedParameters: [],
    space,
    explain: (error) => explain(error, path),
  };
}

/** The engine's traceback has the lines; what is missing is which file it speaks of. */
function explain(error: unknown, path: string): unknown {
  if (!(error instanceof AppError) || !['INVALID_STRATEGY', 'STRATEGY_FAILED'].includes(error.code) || error.message.includes(path))
    return error;
  return new AppError(error.code, `${path}: ${error.message}`, { cause: error, details: { ...error.details, place: path } });
}

function toCode(text: string): ErrorCode {
  return ERROR_CODES.find((code) => code === text) ?? 'INVALID_STRATEGY';
}
