/** What `backtest run` is asked for: from flags, or from a request file as the predecessor's server took it. Flags win. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { findStoredSeries } from '@quantbot/backtest';
import {
  AppError,
  parseInterval,
  RunBacktestSchema,
  toIntervalLabel,
  toTimeMs,
  type CandleSeriesSummary,
  type ParameterValue,
  type ParameterValues,
  type RunBacktest,
} from '@quantbot/core';
import { parseTime } from '../terminal/parse-flags.ts';

/** Throws FILE_NOT_FOUND; INVALID_REQUEST with the file and the field. */
export async function readRequestFile(cwd: string, name: string): Promise<RunBacktest> {
  const path = resolve(cwd, name);
  const checked = RunBacktestSchema.safeParse(parseJson(path, await readText(path)));
  if (checked.success) return checked.data;
  const problems = checked.error.issues.map(
    (issue) => `${path}: ${issue.path.join('.')}${issue.path.length > 0 ? ': ' : ''}${issue.message}`,
  );
  throw new AppError('INVALID_REQUEST', problems.join('\n'), { details: { problems } });
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new AppError('FILE_NOT_FOUND', `expected a request in JSON, found no file that can be read: ${path}`, { cause });
  }
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new AppError('INVALID_REQUEST', `${path}: expected JSON: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

/** `name=value`, several times: numbers and true/false are what they look like, everything else is text. */
export function parseAssignments(texts: readonly string[]): ParameterValues {
  return Object.fromEntries(texts.map(parseAssignment));
}

function parseAssignment(text: string): readonly [string, ParameterValue] {
  const at = text.indexOf('=');
  const [name, value] = [text.slice(0, at).trim(), text.slice(at + 1).trim()];
  if (at < 1 || name === '') throw new AppError('USAGE', `--set: expected name=value such as fast=20, found "${text}"`);
  if (value === 'true' || value === 'false') return [name, value === 'true'];
  const number = Number(value);
  return [name, value !== '' && Number.isFinite(number) ? number : value];
}

/** A bound of time: of the flag, else of the request file. Unix milliseconds; undefined: that of the data. */
export function toBound(bound: 'from' | 'to', flag: string | undefined, written: string | undefined): number | undefined {
  if (flag !== undefined) return parseTime(`--${bound}`, flag, bound);
  return written === undefined ? undefined : toTimeMs(written, bound);
}

/** The symbols asked for, else the only one that is stored. */
export function chooseSymbols(stored: readonly CandleSeriesSummary[], asked: readonly string[]): readonly string[] {
  if (asked.length > 0) return asked;
  const names = [...new Set(stored.map(({ instrument }) => instrument))];
  const [only] = names;
  if (only === undefined)
    throw new AppError('NO_CANDLES', 'the catalogue holds no candles yet; import some with `quantbot data import FILE`');
  if (names.length === 1) return [only];
  const shown = names.slice(0, 12).join(', ');
  throw new AppError(
    'USAGE',
    `which symbol? Name one or several with --symbol; stored are ${shown}${names.length > 12 ? ' and others' : ''}`,
  );
}

/** The interval asked for, else the only one that the symbols are stored in. */
export function chooseIntervalS(stored: readonly CandleSeriesSummary[], symbols: readonly string[], asked: string | undefined): number {
  if (asked !== undefined) return parseInterval(asked);
  const intervals = new Set(symbols.flatMap((symbol) => findStoredSeries(stored, symbol).map(({ intervalS }) => intervalS)));
  const [only] = intervals;
  if (only !== undefined && intervals.size === 1) return only;
  const labels = [...intervals].sort((a, b) => a - b).map(toIntervalLabel);
  throw new AppError('USAGE', `which candles? Name a length with --timeframe; ${symbols.join(', ')}: stored are ${labels.join(', ')}`);
}
