/** Strategies of Python files: only the engine can say what a file registers, since it takes running it. */
import { readFile } from 'node:fs/promises';
import { AppError, ERROR_CODES, type ErrorCode, type StrategyDescription } from '@quantbot/core';
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

/**
 * Limit of reading several files together; a file that never ends, or ends the engine, is found by reading each alone, with the same
 * limit. One file alone has the engine's own limit.
 */
const READ_TIMEOUT_MS = 30_000;

/** Strategies of these files, in order. A file that fails is among the problems. */
export async function readPythonStrategies(
  engine: PythonEngine,
  paths: readonly string[],
  timeoutMs = READ_TIMEOUT_MS,
): Promise<FoundStrategies> {
  if (paths.length <= 1) return readTogether(engine, paths, {});
  try {
    return await readTogether(engine, paths, { timeoutMs });
  } catch (error) {
    if (!isOfOneFile(error)) throw error;
  }
  const found: FoundStrategies[] = [];
  for (const path of paths) {
    try {
      found.push(await readTogether(engine, [path], { timeoutMs }));
    } catch (error) {
      if (!isOfOneFile(error)) throw error;
      const named = new AppError(error.code, `${path}: ${error.message}`, { cause: error });
      found.push({ strategies: [], problems: [{ path, error: named }], trialFunctions: [] });
    }
  }
  return {
    strategies: found.flatMap(({ strategies }) => strategies),
    problems: found.flatMap(({ problems }) => problems),
    trialFunctions: found.flatMap(({ trialFunctions }) => trialFunctions),
  };
}

/** What one file can do to the engine, and so to the files that are read with it. */
function isOfOneFile(error: unknown): error is AppError {
  return error instanceof AppError && ['ENGINE_TIMEOUT', 'ENGINE_CRASHED', 'OUT_OF_MEMORY'].includes(error.code);
}

async function readTogether(engine: PythonEngine, paths: readonly string[], options: RunOptions): Promise<FoundStrategies> {
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
