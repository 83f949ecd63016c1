/**
 * data/swap_cost_cache.json: what swaps on a decentralised exchange cost, by size of the trade (docs/how-to-get-data.md).
 * Version 1 is ours; the shapes that came before it, with the rungs at the top or a bare number for a loss rate, are read too.
 */
import { z } from 'zod';

export const SWAP_COST_FILE = 'swap_cost_cache.json';

const NO_FRACTION = 'a loss rate is a fraction of at least 0 and below 1: 1.2 % is 0.012';
const LossRateSchema = z.number(NO_FRACTION).min(0, NO_FRACTION).lt(1, NO_FRACTION);
const GasSchema = z
  .number('expected gas as an amount of the quote currency, 0 or more')
  .min(0, 'gas is an amount of the quote currency, 0 or more');
const NotionalSchema = z
  .string()
  .refine((text) => /^\d+(\.\d+)?$/.test(text) && Number(text) > 0, 'a rung is named by its notional, a number above 0 such as "5000"');

/** Notional (quote currency) → the share of it that is lost by buying and selling again. */
const RungsSchema = z
  .record(NotionalSchema, z.strictObject({ loss_rate: LossRateSchema }))
  .refine((rungs) => Object.keys(rungs).length > 0, 'expected at least one rung such as "5000": {"loss_rate": 0.012}');

/** Gas in the quote currency, for one buy and for one sell. */
const TokenCostsSchema = z.strictObject({
  rungs: RungsSchema,
  gas_buy: GasSchema,
  gas_sell: GasSchema,
  fetched_at: z.iso.datetime({ offset: true }).optional(),
  source: z.string().optional(),
});

export const SwapCostFileSchema = z.strictObject({
  version: z.literal(1, 'expected version 1; a newer quantbot wrote this file'),
  quote_currency: z.string().min(1),
  default: TokenCostsSchema.optional(),
  tokens: z.record(z.string().min(1), TokenCostsSchema).default({}),
});

export type TokenCosts = z.infer<typeof TokenCostsSchema>;
export type SwapCostFile = z.infer<typeof SwapCostFileSchema>;

type Fields = Readonly<Record<string, unknown>>;

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isNotional(key: string): boolean {
  return /^[\d.]+$/.test(key);
}

/** The document in the shape of version 1, still unchecked. `toWritten`: a path in it → the path in the document as it was written. */
export interface CurrentShape {
  readonly document: unknown;
  readonly toWritten: (path: readonly PropertyKey[]) => readonly PropertyKey[];
}

export function toCurrentShape(written: unknown): CurrentShape {
  const same = (path: readonly PropertyKey[]): readonly PropertyKey[] => path;
  if (!isFields(written)) return { document: written, toWritten: same };
  if ('version' in written || 'tokens' in written) {
    const tokens = isFields(written['tokens']) ? mapValues(written['tokens'], toTokenShape) : written['tokens'];
    const own = { ...written, ...(tokens === undefined ? {} : { tokens }) };
    return { document: 'default' in written ? { ...own, default: toTokenShape(written['default']) } : own, toWritten: same };
  }
  const quote = typeof written['quote_currency'] === 'string' ? written['quote_currency'] : 'quote';
  if ('rungs' in written || Object.keys(written).some(isNotional)) {
    const { quote_currency: _quote, ...entry } = written;
    const isFlat = !('rungs' in written);
    return {
      document: { version: 1, quote_currency: quote, default: toTokenShape(entry), tokens: {} },
      toWritten: (path) => path.slice(isFlat && path[1] === 'rungs' ? 2 : 1),
    };
  }
  const { quote_currency: _quote, ...tokens } = written;
  return {
    document: { version: 1, quote_currency: quote, tokens: mapValues(tokens, toTokenShape) },
    // Flat tokens have their rungs one level higher.
    toWritten: ([, token, ...rest]) => [token ?? '', ...(rest[0] === 'rungs' && !hasRungs(tokens[String(token)]) ? rest.slice(1) : rest)],
  };
}

function hasRungs(entry: unknown): boolean {
  return isFields(entry) && 'rungs' in entry;
}

function toTokenShape(entry: unknown): unknown {
  if (!isFields(entry)) return entry;
  const { gas, ...others } = entry;
  const named = Object.fromEntries(Object.entries(others).filter(([key]) => !isNotional(key)));
  const flat = Object.fromEntries(Object.entries(others).filter(([key]) => isNotional(key)));
  const rungs = 'rungs' in entry ? entry['rungs'] : flat;
  return { ...toGas(gas), ...named, ...('rungs' in entry ? flat : {}), rungs: toRungs(rungs) };
}

function toGas(gas: unknown): Fields {
  if (gas === undefined) return {};
  return isFields(gas) ? { gas_buy: gas['buy'], gas_sell: gas['sell'] } : { gas_buy: gas, gas_sell: gas };
}

function toRungs(rungs: unknown): unknown {
  if (Array.isArray(rungs)) {
    return Object.fromEntries(
      rungs.map((rung: unknown) => (isFields(rung) ? [String(rung['notional']), { loss_rate: rung['loss_rate'] }] : [String(rung), rung])),
    );
  }
  return isFields(rungs) ? mapValues(rungs, (rate) => (isFields(rate) ? rate : { loss_rate: rate })) : rungs;
}

function mapValues(fields: Fields, change: (value: unknown) => unknown): Fields {
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, change(value)]));
}
