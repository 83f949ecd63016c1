/** What is asked for each rung and what is read from the answers: a purchase, then the sale of what it gave. */
import { AppError } from '@quantbot/core';
import { pickPath, readAmount, toBaseUnits } from './amounts.ts';
import type { QuoteTemplate } from './quote-url.ts';

/** A token as people call it, as the service calls it, and how many decimals its amounts have there (0: plain amounts). */
export interface SwapToken {
  readonly name: string;
  readonly address: string;
  readonly decimals: number;
}

export interface AnswerFields {
  /** Where the amount that one gets stands, such as `data.outAmount`. */
  readonly amountOutPath: string;
  /** Where the gas stands; absent: gas is given. */
  readonly gasPath?: string;
  /** Turns the gas of an answer into the quote currency. */
  readonly gasScale: number;
}

export interface RoundTrip {
  readonly token: SwapToken;
  readonly quote: SwapToken;
  /** In the quote currency. */
  readonly notional: number;
}

/** What the purchase gave; then the sale can be asked for. */
export interface Bought {
  /** As the service wrote it. */
  readonly amount: string;
  readonly gas: number;
}

export interface MeasuredRung {
  readonly lossRate: number;
  readonly gasBuy: number;
  readonly gasSell: number;
}

export function toBuyUrl(template: QuoteTemplate, { token, quote, notional }: RoundTrip): URL {
  return template.toUrl({ sell_token: quote.address, buy_token: token.address, amount: toBaseUnits(notional, quote.decimals) });
}

export function toSellUrl(template: QuoteTemplate, { token, quote }: RoundTrip, bought: Bought): URL {
  return template.toUrl({ sell_token: token.address, buy_token: quote.address, amount: bought.amount });
}

/** SOURCE_UNREACHABLE when the answer has no positive amount, or no gas, where it should stand. */
export function readQuote(body: unknown, fields: AnswerFields, origin: string): Bought {
  const found = pickPath(body, fields.amountOutPath);
  const amount = readAmount(found);
  if (amount === undefined)
    throw unexpected(origin, { path: fields.amountOutPath, flag: '--amount-out-path', what: 'a positive amount' }, found);
  if (fields.gasPath === undefined) return { amount, gas: 0 };
  const gas = pickPath(body, fields.gasPath);
  const cost = Number(typeof gas === 'string' && gas.trim() !== '' ? gas : typeof gas === 'number' ? gas : Number.NaN) * fields.gasScale;
  if (!Number.isFinite(cost) || cost < 0)
    throw unexpected(origin, { path: fields.gasPath, flag: '--gas-path', what: 'gas of 0 or more' }, gas);
  return { amount, gas: cost };
}

function unexpected(origin: string, { path, flag, what }: { path: string; flag: string; what: string }, found: unknown): AppError {
  const shown = found === undefined ? 'nothing' : JSON.stringify(found).slice(0, 80);
  return new AppError(
    'SOURCE_UNREACHABLE',
    `the answer of ${origin} should have ${what} under ${path}, found ${shown}; ${flag} says where it stands`,
  );
}

/**
 * The share of the notional that does not come back. A service that gives back more than was paid costs nothing.
 * SOURCE_UNREACHABLE when nothing comes back.
 */
export function measureRung({ notional, quote, token }: RoundTrip, bought: Bought, sold: Bought): MeasuredRung {
  const lossRate = 1 - Number(sold.amount) / 10 ** quote.decimals / notional;
  if (lossRate >= 1)
    throw new AppError(
      'SOURCE_UNREACHABLE',
      `selling again gives back nothing of ${String(notional)} ${quote.name} in ${token.name}; are the decimals right?`,
    );
  return { lossRate: Math.max(0, Number(lossRate.toPrecision(12))), gasBuy: bought.gas, gasSell: sold.gas };
}
