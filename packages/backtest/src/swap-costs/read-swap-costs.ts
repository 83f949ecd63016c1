/** The swap-cost cache → the costs of a simulation (docs/assumptions.md, swap-cost ladder). */
import { AppError, type SimulationSettings } from '@quantbot/core';
import { z } from 'zod';
import { readYamlFile } from '../files/yaml-file.ts';
import { SwapCostFileSchema, toCurrentShape, type SwapCostFile, type TokenCosts } from './swap-cost-file.ts';

/** Rungs rise by notional; gas in money. */
export type SwapCosts = Extract<NonNullable<SimulationSettings['costs']>, { type: 'swap' }>;

const FETCH_COMMAND =
  "quantbot data fetch-swap-costs --url 'https://…/quote?sell={sell_token}&buy={buy_token}&amount={amount}' --token NAME=ADDRESS --quote NAME=ADDRESS";

/**
 * Costs of `token`, or of the first of several names that the file knows (a symbol and its parts); of the entry `default` when it knows
 * none, and of the only token when none is named for certain.
 * FILE_NOT_FOUND with the command that fetches it, unless `fetch` can make the file; UNREADABLE_FILE with the place of every fault;
 * INVALID_REQUEST for a token that is not there.
 */
export async function readSwapCosts(path: string, token?: string | readonly string[], fetch?: () => Promise<unknown>): Promise<SwapCosts> {
  const file = await readSwapCostFile(path, fetch);
  const costs = pickToken(file, path, token);
  const rungs = Object.entries(costs.rungs).map(([notional, rung]) => ({ notional: Number(notional), loss_rate: rung.loss_rate }));
  return { type: 'swap', rungs: rungs.sort((a, b) => a.notional - b.notional), gas_buy: costs.gas_buy, gas_sell: costs.gas_sell };
}

/** As `readSwapCosts`, all tokens. */
export async function readSwapCostFile(path: string, fetch?: () => Promise<unknown>): Promise<SwapCostFile> {
  const { written, toPlace } = await readDocument(path, fetch);
  const { document, toWritten } = toCurrentShape(written);
  const checked = SwapCostFileSchema.safeParse(document);
  if (checked.success) return checked.data;
  const problems = checked.error.issues.map((issue) => {
    const keys = toWritten(issue.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0] ?? ''] : issue.path);
    return `${toPlace(keys)}: ${keys.length === 0 ? '' : `${keys.map(String).join('.')}: `}${describe(issue)}`;
  });
  throw new AppError('UNREADABLE_FILE', problems.join('\n'), { details: { problems } });
}

/** The complaint about a key of a record is the one of its schema. */
function describe(issue: z.core.$ZodIssue): string {
  return issue.code === 'invalid_key' ? (issue.issues[0]?.message ?? issue.message) : issue.message;
}

async function readDocument(path: string, fetch: (() => Promise<unknown>) | undefined): ReturnType<typeof readYamlFile<z.ZodUnknown>> {
  try {
    return await readYamlFile(path, z.unknown(), 'UNREADABLE_FILE');
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'FILE_NOT_FOUND') throw error;
    if (fetch === undefined) {
      throw new AppError(
        'FILE_NOT_FOUND',
        `expected the swap costs in ${path}, found no such file. Fetch them with\n  ${FETCH_COMMAND}\nor write the file by hand (docs/how-to-get-data.md)`,
        { cause: error },
      );
    }
  }
  await fetch();
  return readYamlFile(path, z.unknown(), 'UNREADABLE_FILE');
}

function pickToken(file: SwapCostFile, path: string, token: string | readonly string[] | undefined): TokenCosts {
  const names = Object.keys(file.tokens);
  const [only] = Object.values(file.tokens);
  const isCertain = typeof token === 'string';
  const tried = isCertain ? [token] : (token ?? []);
  const costs = findFirst(tried, (each) => findCosts(file, each)) ?? file.default ?? (!isCertain && names.length === 1 ? only : undefined);
  if (costs !== undefined) return costs;
  const known = names.length === 0 ? 'the file has none' : `the file has ${names.join(', ')}`;
  const wanted =
    tried[0] === undefined
      ? 'name one of the tokens, or add an entry "default"'
      : `there are no swap costs of ${tried[0]} and no entry "default"; name one of the tokens`;
  throw new AppError('INVALID_REQUEST', `${path}: ${wanted}; ${known}`);
}

function findFirst<Value>(names: readonly string[], find: (name: string) => Value | undefined): Value | undefined {
  for (const name of names) {
    const found = find(name);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** A name as it is written, else in any case. */
function findCosts({ tokens }: SwapCostFile, token: string): TokenCosts | undefined {
  const names = Object.keys(tokens);
  const known = names.find((name) => name === token) ?? names.find((name) => name.toLowerCase() === token.toLowerCase());
  return known === undefined ? undefined : tokens[known];
}
