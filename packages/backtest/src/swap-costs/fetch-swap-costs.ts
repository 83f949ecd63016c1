/** Measures what swaps cost, rung by rung, at the pace that a quote service allows, and writes the swap-cost cache. */
import { createHash } from 'node:crypto';
import { AppError } from '@quantbot/core';
import { writeAtomically } from '../files/write-atomically.ts';
import { createClock, type Clock } from '../sources/http/clock.ts';
import { askInBatches, type Question } from './ask-in-batches.ts';
import { openKeptRungs, type KeptRungs } from './kept-rungs.ts';
import { parseQuoteTemplate, type QuoteTemplate } from './quote-url.ts';
import { readSwapCostFile } from './read-swap-costs.ts';
import { SwapCostFileSchema, type SwapCostFile, type TokenCosts } from './swap-cost-file.ts';
import { measureRung, readQuote, toBuyUrl, toSellUrl, type AnswerFields, type RoundTrip, type SwapToken } from './swap-quotes.ts';

const MAX_RUNGS = 1_000;

export interface FetchSwapCostsOptions {
  /** An address with {sell_token}, {buy_token} and {amount}. */
  readonly url: string;
  readonly authorization?: string;
  readonly tokens: readonly SwapToken[];
  readonly quote: SwapToken;
  /** Rungs: start, start + step, … up to `endNotional`, in the quote currency. */
  readonly startNotional: number;
  readonly stepNotional: number;
  readonly endNotional: number;
  readonly fields: AnswerFields;
  /** Gas in the quote currency; wins over what the answers say. */
  readonly gasBuy?: number;
  readonly gasSell?: number;
  readonly parallel: number;
  readonly batchEveryMs: number;
  readonly attempts: number;
  readonly timeoutMs: number;
  readonly maxBytes?: number;
  /** The cache; tokens in it that are not fetched now stay as they are. */
  readonly path: string;
  /** Measure everything again, whatever an interrupted fetch has left. */
  readonly isFresh: boolean;
  readonly nowMs: () => number;
  readonly clock?: Clock;
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: SwapCostProgress) => void;
}

export interface SwapCostProgress {
  /** Rungs measured, of all tokens. */
  readonly done: number;
  readonly total: number;
}

/**
 * Until the end, the cache stays as it was: measured rungs are kept beside it after each batch, and the same call goes on from them.
 * USAGE, SOURCE_UNREACHABLE, RATE_LIMITED and others of the service, CANCELLED, DISK_FULL; UNREADABLE_FILE for a broken old cache.
 */
export async function fetchSwapCosts(options: FetchSwapCostsOptions): Promise<SwapCostFile> {
  const template = parseQuoteTemplate(options.url);
  const trips = toRoundTrips(options);
  const before = await readPresent(options);
  const clock = options.clock ?? createClock(options.nowMs);
  const kept = await openKeptRungs(`${options.path}.partial`, hashPlan(options), options.isFresh ? Infinity : clock.nowMs());
  const open = trips.filter((trip) => kept.get(toKey(trip)) === undefined);
  const questions = open.map((trip) =>
    toQuestion(options, {
      trip,
      template,
      keep: (rung) => {
        kept.set(toKey(trip), rung, clock.nowMs());
      },
    }),
  );
  const report = (): void => options.onProgress?.({ done: countKept(kept, trips), total: trips.length });
  const authorization = options.authorization ?? template.authorization;
  report();
  await askInBatches(
    {
      ...options,
      ...(authorization === undefined ? {} : { authorization }),
      maxBytes: options.maxBytes ?? 4 * 1024 * 1024,
      clock,
      place: template.origin,
      onBatch: async () => {
        report();
        await kept.save();
      },
    },
    questions,
  ).catch((error: unknown) => {
    throw withKept(error, countKept(kept, trips), trips.length);
  });
  const file = toFile(options, { before, kept, trips, source: template.origin, fetchedAt: new Date(clock.nowMs()).toISOString() });
  await writeAtomically(options.path, `${JSON.stringify(file, null, 2)}\n`);
  await kept.remove();
  return file;
}

function countKept(kept: KeptRungs, trips: readonly RoundTrip[]): number {
  return trips.filter((trip) => kept.get(toKey(trip)) !== undefined).length;
}

/** Says what is kept in spite of the failure. A bug stays what it is. */
function withKept(error: unknown, done: number, total: number): unknown {
  if (!(error instanceof AppError)) return error;
  const message = `${error.message}\nThe cache is as it was. ${String(done)} of ${String(total)} rungs are measured; the same command goes on from them within a day`;
  return new AppError(error.code, message, { cause: error, details: error.details });
}

function toRoundTrips({ tokens, quote, startNotional, stepNotional, endNotional }: FetchSwapCostsOptions): readonly RoundTrip[] {
  if (!(startNotional > 0 && stepNotional > 0 && endNotional >= startNotional)) {
    throw new AppError(
      'USAGE',
      `expected --start and --step above 0 and --end not below --start, found ${String(startNotional)}, ${String(stepNotional)} and ${String(endNotional)}`,
    );
  }
  const rungs = Math.floor((endNotional - startNotional) / stepNotional + 1e-9) + 1;
  if (rungs * tokens.length > MAX_RUNGS)
    throw new AppError(
      'USAGE',
      `${String(rungs)} rungs of ${String(tokens.length)} tokens are more than ${String(MAX_RUNGS)}; take a larger --step`,
    );
  return tokens.flatMap((token) =>
    Array.from({ length: rungs }, (_, rung) => ({ token, quote, notional: Number((startNotional + rung * stepNotional).toPrecision(15)) })),
  );
}

/** Read before anything is asked: a broken cache is not replaced by a good one with fewer tokens. */
async function readPresent({ path, quote }: FetchSwapCostsOptions): Promise<SwapCostFile> {
  const none: SwapCostFile = { version: 1, quote_currency: quote.name, tokens: {} };
  const present = await readSwapCostFile(path).catch((error: unknown) => {
    if (error instanceof AppError && error.code === 'FILE_NOT_FOUND') return none;
    throw error;
  });
  if (present.quote_currency !== quote.name && present.quote_currency !== 'quote') {
    throw new AppError(
      'INVALID_REQUEST',
      `${path} is in ${present.quote_currency}, the fetch in ${quote.name}; name another file with --out`,
    );
  }
  return { ...present, quote_currency: quote.name };
}

function hashPlan({ url, quote, tokens, fields }: FetchSwapCostsOptions): string {
  return createHash('sha256')
    .update(JSON.stringify([url, quote, tokens, fields]))
    .digest('hex');
}

function toKey({ token, notional }: RoundTrip): string {
  return `${token.name} ${String(notional)}`;
}

interface Errand {
  readonly trip: RoundTrip;
  readonly template: QuoteTemplate;
  readonly keep: (rung: ReturnType<typeof measureRung>) => void;
}

function toQuestion({ fields }: FetchSwapCostsOptions, { trip, template, keep }: Errand): Question {
  return {
    url: toBuyUrl(template, trip),
    take: (body) => {
      const bought = readQuote(body, fields, template.origin);
      return {
        url: toSellUrl(template, trip, bought),
        take: (answer) => {
          keep(measureRung(trip, bought, readQuote(answer, fields, template.origin)));
          return undefined;
        },
      };
    },
  };
}

interface Measured {
  readonly before: SwapCostFile;
  readonly kept: KeptRungs;
  readonly trips: readonly RoundTrip[];
  readonly source: string;
  readonly fetchedAt: string;
}

function toFile(options: FetchSwapCostsOptions, measured: Measured): SwapCostFile {
  const fetched = Object.fromEntries(options.tokens.map((token) => [token.name, toTokenCosts(options, measured, token)]));
  return SwapCostFileSchema.parse({ ...measured.before, tokens: { ...measured.before.tokens, ...fetched } });
}

/** Of the gas that the rungs need, the highest counts: a cost is rather over- than underrated. */
function toTokenCosts(options: FetchSwapCostsOptions, { kept, trips, source, fetchedAt }: Measured, token: SwapToken): TokenCosts {
  const own = trips
    .filter((trip) => trip.token === token)
    .flatMap((trip) => {
      const rung = kept.get(toKey(trip));
      return rung === undefined ? [] : [{ notional: trip.notional, ...rung }];
    });
  return {
    rungs: Object.fromEntries(own.map(({ notional, lossRate }) => [String(notional), { loss_rate: lossRate }])),
    gas_buy: options.gasBuy ?? Math.max(...own.map(({ gasBuy }) => gasBuy)),
    gas_sell: options.gasSell ?? Math.max(...own.map(({ gasSell }) => gasSell)),
    fetched_at: fetchedAt,
    source,
  };
}
