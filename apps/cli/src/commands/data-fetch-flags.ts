/** The flags of `data fetch` as settings, and secrets from the environment instead of the command line. */
import { AppError, type ColumnMapping } from '@quantbot/core';
import { parseMapping, type FetchedSymbol } from '@quantbot/backtest';
import { parseNameList, parseTime, parseWholeNumber } from '../terminal/parse-flags.ts';
import type { CommonFlags } from '../context.ts';

export interface FetchFlags extends CommonFlags {
  readonly source: 'http' | 'postgres' | 'exchange';
  readonly symbol: readonly string[];
  readonly timeframe: string;
  readonly from?: string;
  readonly to?: string;
  readonly update?: boolean;
  readonly onConflict: 'refuse' | 'replace';
  readonly columns?: readonly string[];
  readonly url?: string;
  readonly authEnv?: string;
  readonly timeFormat?: 's' | 'ms' | 'iso';
  readonly pageLimit?: string;
  readonly databaseUrl?: string;
  readonly table?: string;
  readonly exchange?: string;
  readonly json?: boolean;
}

const FLAGS_OF_SOURCE = {
  http: ['url', 'authEnv', 'timeFormat', 'pageLimit', 'columns'],
  postgres: ['databaseUrl', 'table', 'columns'],
  exchange: ['exchange', 'pageLimit'],
} as const;

/** USAGE for a flag that says something about another kind of source. */
export function refuseForeignFlags(flags: FetchFlags): void {
  const own: readonly string[] = FLAGS_OF_SOURCE[flags.source];
  const foreign = Object.values(FLAGS_OF_SOURCE)
    .flat()
    .find((name) => !own.includes(name) && flags[name] !== undefined);
  if (foreign !== undefined) throw new AppError('USAGE', `${toFlag(foreign)} does not go with --source ${flags.source}`);
}

function toFlag(name: string): string {
  return `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** `BTC/USDT=BTC-USDT` is called BTC-USDT in the catalogue. */
export function parseSymbols(texts: readonly string[]): readonly FetchedSymbol[] {
  const symbols = parseNameList(texts).map((text) => {
    const [symbol = '', instrument = symbol, more] = text.split('=').map((part) => part.trim());
    if (symbol === '' || instrument === '' || more !== undefined)
      throw new AppError(
        'USAGE',
        `--symbol: expected a symbol such as BTC-USDT, or one with its name in the catalogue such as BTC/USDT=BTC-USDT, found "${text}"`,
      );
    return { symbol, instrument };
  });
  const twice = symbols.find(({ instrument }, index) => symbols.findIndex((other) => other.instrument === instrument) !== index);
  if (twice !== undefined) throw new AppError('USAGE', `--symbol: ${twice.instrument} is named twice`);
  if (symbols.length === 0) throw new AppError('USAGE', '--symbol: name at least one');
  return symbols;
}

/** Unix seconds. `to` defaults to now; `from` may only be left out with --update. */
export function parseRange(flags: FetchFlags, nowMs: number): { fromS?: number; toS: number } {
  const toS = Math.floor((flags.to === undefined ? nowMs : parseTime('--to', flags.to, 'to')) / 1000);
  if (flags.from === undefined) {
    if (flags.update === true) return { toS };
    throw new AppError(
      'USAGE',
      '--from: say where to begin, such as --from 2024-01-01, or go on from the last stored candle with --update',
    );
  }
  const fromS = Math.floor(parseTime('--from', flags.from, 'from') / 1000);
  if (fromS >= toS) throw new AppError('USAGE', `expected --from before --to, found ${flags.from} and ${flags.to ?? 'now'}`);
  return { fromS, toS };
}

export function parseColumns(flags: FetchFlags): { mapping?: ColumnMapping } {
  return flags.columns === undefined ? {} : { mapping: parseMapping(flags.columns.flatMap((text) => text.split(','))) };
}

export function parsePageLimit(flags: FetchFlags): { pageLimit?: number } {
  return flags.pageLimit === undefined ? {} : { pageLimit: parseWholeNumber('--page-limit', flags.pageLimit, 1) };
}

/** The value of the Authorization header, from the variable that --auth-env names. */
export function readAuthorization(env: NodeJS.ProcessEnv, name: string | undefined): { authorization?: string } {
  if (name === undefined) return {};
  const authorization = env[name] ?? '';
  if (authorization === '') throw new AppError('USAGE', `--auth-env: the environment variable ${name} is not set`);
  if (/[^\x20-\x7e]/.test(authorization)) throw new AppError('USAGE', `--auth-env: ${name} holds characters that a header cannot have`);
  return { authorization };
}
