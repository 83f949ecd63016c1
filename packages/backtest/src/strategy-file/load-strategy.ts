/** Strategies of a workspace by name, file name or path. A broken file harms no other one. */
import { access } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { AppError } from '@quantbot/core';
import type { PythonEngine } from '../engine/python-engine.ts';
import { readYamlText } from '../files/yaml-file.ts';
import type { LoadedStrategy } from './loaded-strategy.ts';
import { findNearest } from './nearest-name.ts';
import { readPythonFiles, readPythonStrategies, type FoundStrategies, type StrategyProblem } from './python-strategies.ts';
import { readRuleStrategy } from './read-rule-strategy.ts';
import { listStrategyFiles, toComparableName, toStrategyFile, type StrategyFile } from './strategy-files.ts';

export interface StrategyRoom {
  /** The folder of strategies, absolute. */
  readonly strategiesDir: string;
  /** Asked about Python files only. */
  readonly engine: PythonEngine;
  /** Folder that paths start from; undefined: names and file names of `strategiesDir` only, so that no name leads elsewhere. */
  readonly pathsFrom?: string | undefined;
  /** Limit of reading each Python file when all are read (default 30 s). */
  readonly readTimeoutMs?: number;
}

/** All strategies of the folder, YAML first, and what is wrong with the files that hold none. */
export async function findStrategies({ strategiesDir, engine, readTimeoutMs }: StrategyRoom): Promise<FoundStrategies> {
  const files = await listStrategyFiles(strategiesDir);
  const paths = { rules: files.filter(({ kind }) => kind === 'rules'), python: files.filter(({ kind }) => kind === 'python') };
  const strategies: LoadedStrategy[] = [];
  const problems: StrategyProblem[] = [];
  for (const { path } of paths.rules) {
    try {
      strategies.push(await readRuleStrategy(path));
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      problems.push({ path, error });
    }
  }
  const python = await readPythonStrategies(
    engine,
    paths.python.map(({ path }) => path),
    readTimeoutMs,
  );
  const all = [...strategies, ...python.strategies];
  return {
    strategies: all,
    problems: [...problems, ...python.problems, ...findSharedNames(all)],
    trialFunctions: python.trialFunctions,
  };
}

/** Names that a strategy shares with one before it. Python files among themselves are the engine's to refuse. */
function findSharedNames(strategies: readonly LoadedStrategy[]): readonly StrategyProblem[] {
  return strategies.flatMap(({ name, kind, path }, index) => {
    const isSame = (other: LoadedStrategy): boolean => toComparableName(other.name) === toComparableName(name);
    const first = strategies.slice(0, index).find(isSame);
    if (first === undefined) return [];
    const means = kind === 'python' ? `the name alone means ${basename(first.path)}` : 'the name alone finds neither';
    const message = `${path}: expected a name of its own, ${basename(first.path)} is called ${name} too; rename one, or give the name of the file: ${means}`;
    return [{ path, error: new AppError('INVALID_STRATEGY', message) }];
  });
}

/**
 * The strategy of this name, file name or (with `pathsFrom`) path. Throws STRATEGY_NOT_FOUND with the nearest names, INVALID_REQUEST if
 * several have the name, INVALID_STRATEGY with all problems of its file, FILE_NOT_FOUND for a path.
 */
export async function loadStrategy(room: StrategyRoom, nameOrPath: string): Promise<LoadedStrategy> {
  const asked = nameOrPath.trim();
  const files = await listStrategyFiles(room.strategiesDir);
  const file = (await findByPath(room, asked)) ?? files.find(({ path }) => basename(path) === asked);
  if (file !== undefined) return loadFile(room, file, file.stem);
  const named = await Promise.all(files.map(async (each) => ({ file: each, names: await listNames(each) })));
  const wanted = toComparableName(asked);
  const matches = named.filter(({ names }) => names.some((name) => toComparableName(name) === wanted));
  if (matches.length > 1)
    refuseAmbiguous(
      asked,
      matches.map(({ file: { path } }) => path),
    );
  const [only] = matches;
  if (only !== undefined) return loadFile(room, only.file, asked);
  return loadByPythonName(room, asked, named);
}

const LOOKS_LIKE_PATH = /[/\\]|^\.+$/;

async function findByPath({ pathsFrom }: StrategyRoom, asked: string): Promise<StrategyFile | undefined> {
  if (pathsFrom === undefined) {
    if (!LOOKS_LIKE_PATH.test(asked)) return undefined;
    throw new AppError('STRATEGY_NOT_FOUND', `expected the name of a strategy, found a path: ${asked}`);
  }
  const path = resolve(pathsFrom, asked);
  const isThere = await access(path).then(
    () => true,
    () => false,
  );
  const file = toStrategyFile(path);
  if (isThere && file !== undefined) return file;
  if (!LOOKS_LIKE_PATH.test(asked)) return undefined;
  throw new AppError('FILE_NOT_FOUND', `expected a strategy in YAML (.yaml, .yml) or Python (.py), found no such file: ${path}`);
}

/** The name of a file, and the name in it as far as that can be had without running it. */
async function listNames({ path, kind, stem }: StrategyFile): Promise<readonly string[]> {
  if (kind === 'python') return [stem];
  const [, name] = /^\{?[ \t]*["']?name["']?:[ \t]*["']?([^"'#,}\r\n]+)/m.exec(await readYamlText(path)) ?? [];
  return name === undefined ? [stem] : [stem, name.trim()];
}

async function loadFile({ engine }: StrategyRoom, { path, kind }: StrategyFile, asked: string): Promise<LoadedStrategy> {
  if (kind === 'rules') return readRuleStrategy(path);
  const { strategies, problems, trialFunctions } = await readPythonFiles(engine, [path]);
  const wanted = toComparableName(asked);
  const found = strategies.find(({ name }) => toComparableName(name) === wanted) ?? (strategies.length === 1 ? strategies[0] : undefined);
  if (found !== undefined) return found;
  if (problems[0] !== undefined) throw problems[0].error;
  if (strategies.length > 1) {
    const names = strategies.map(({ name }) => name).join(', ');
    throw new AppError('INVALID_REQUEST', `${path} holds several strategies, ${names}: name one of them`);
  }
  if (trialFunctions.length > 0) refuseTrialFunction(trialFunctions[0]?.name ?? '', path);
  throw new AppError('INVALID_STRATEGY', `${path}: expected a class derived from CandleStrategy, found none`);
}

interface NamedFile {
  readonly file: StrategyFile;
  readonly names: readonly string[];
}

async function loadByPythonName(
  { engine, readTimeoutMs }: StrategyRoom,
  asked: string,
  named: readonly NamedFile[],
): Promise<LoadedStrategy> {
  const python = named.filter(({ file }) => file.kind === 'python').map(({ file }) => file.path);
  const { strategies, problems, trialFunctions } = await readPythonStrategies(engine, python, readTimeoutMs);
  const wanted = toComparableName(asked);
  const matches = strategies.filter(({ name }) => toComparableName(name) === wanted);
  if (matches.length > 1)
    refuseAmbiguous(
      asked,
      matches.map(({ path }) => path),
    );
  const [only] = matches;
  if (only !== undefined) return only;
  const trialFunction = trialFunctions.find(({ name }) => toComparableName(name) === wanted);
  if (trialFunction !== undefined) refuseTrialFunction(trialFunction.name, trialFunction.path);
  refuseUnknown(asked, [...new Set([...named.flatMap(({ names }) => names), ...strategies.map(({ name }) => name)])], problems);
}

function refuseAmbiguous(asked: string, paths: readonly string[]): never {
  const files = paths.map((path) => basename(path)).join(', ');
  throw new AppError(
    'INVALID_REQUEST',
    `several strategies are called ${asked}: ${files}; give the name of the file, or rename one of them`,
  );
}

function refuseTrialFunction(name: string, path: string): never {
  const study = `strategy: {name: ${name}, files: [${basename(path)}]}`;
  throw new AppError('INVALID_STRATEGY', `${path}: ${name} reports figures itself and makes no trades; use it in a study with ${study}`);
}

const MOST_NAMES = 20;

function refuseUnknown(asked: string, known: readonly string[], problems: readonly StrategyProblem[]): never {
  const nearest = findNearest(asked, known, 3);
  const hint = nearest.length === 0 ? '' : `; did you mean ${nearest.join(' or ')}`;
  const names = known.length === 0 ? 'there are none yet' : `there are ${known.slice(0, MOST_NAMES).join(', ')}`;
  const broken = problems.map(({ path }) => basename(path)).join(', ');
  const lost = broken === '' ? '' : ` (${broken} could not be read, see \`quantbot strategies list\`)`;
  throw new AppError('STRATEGY_NOT_FOUND', `no strategy is called ${asked}; ${names}${hint}${lost}`, {
    details: { known: known.slice(0, MOST_NAMES), nearest },
  });
}
