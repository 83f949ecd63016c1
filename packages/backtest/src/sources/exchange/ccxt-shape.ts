/** The part of ccxt's public interface that is used, checked when the package is loaded: it is another's, and may be of any version. */
import { AppError } from '@quantbot/core';
import { z } from 'zod';

/** `[ms, open, high, low, close, volume]`; prices may be missing. */
const CcxtCandleSchema = z.tuple([z.number()], z.union([z.number(), z.string(), z.null(), z.undefined()]));
export const CcxtCandlesSchema = z.array(CcxtCandleSchema);

export interface CcxtExchange {
  readonly timeframes?: Readonly<Record<string, unknown>>;
  readonly has?: Readonly<Record<string, unknown>>;
  readonly markets?: Readonly<Record<string, unknown>>;
  loadMarkets(): Promise<unknown>;
  fetchOHLCV(symbol: string, timeframe: string, sinceMs: number, limit: number): Promise<unknown>;
  close?(): Promise<unknown>;
}

type ExchangeClass = new (options: Readonly<Record<string, unknown>>) => unknown;

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return (typeof value === 'object' || typeof value === 'function') && value !== null;
}

/** `loaded`: the module. USAGE for an exchange that ccxt does not know, SETUP_INCOMPLETE for a package that is not ccxt. */
export function openExchange(loaded: unknown, id: string): CcxtExchange {
  const module = findModule(loaded);
  if (module === undefined) {
    throw new AppError(
      'SETUP_INCOMPLETE',
      'the package that is installed as ccxt has no list of exchanges; install it anew with `npm install ccxt`',
    );
  }
  const names: readonly unknown[] = module.exchanges;
  if (!names.includes(id)) {
    const near = names.filter((name): name is string => typeof name === 'string' && name.startsWith(id.slice(0, 3))).slice(0, 8);
    throw new AppError('USAGE', `--exchange: ccxt knows no "${id}"${near.length > 0 ? `; near it are ${near.join(', ')}` : ''}`);
  }
  const exchange = new (module[id] as ExchangeClass)({ enableRateLimit: true });
  if (isExchange(exchange)) return exchange;
  throw new AppError(
    'SETUP_INCOMPLETE',
    `the installed ccxt gives no candles of ${id}: it has no fetchOHLCV; update it with \`npm install ccxt@latest\``,
  );
}

type CcxtModule = Readonly<Record<string, unknown>> & { readonly exchanges: readonly unknown[] };

/** By the way that it is packed, the list of names is in the module or in its default; the other one may hold the classes by name. */
function findModule(loaded: unknown): CcxtModule | undefined {
  const inner = isFields(loaded) ? loaded['default'] : undefined;
  const innermost = isFields(inner) ? inner['default'] : undefined;
  return [loaded, inner, innermost].find((module): module is CcxtModule => isFields(module) && Array.isArray(module['exchanges']));
}

function isExchange(exchange: unknown): exchange is CcxtExchange {
  return isFields(exchange) && typeof exchange['fetchOHLCV'] === 'function' && typeof exchange['loadMarkets'] === 'function';
}

/** ccxt's errors are told apart by the names of their classes, from the particular to the general. */
export function namesOfError(error: unknown): readonly string[] {
  const names: string[] = [];
  let prototype: unknown = error instanceof Error ? Object.getPrototypeOf(error) : null;
  while (isFields(prototype)) {
    if (typeof prototype.constructor === 'function') names.push(prototype.constructor.name);
    prototype = Object.getPrototypeOf(prototype);
  }
  return names;
}
