/** Rungs that are measured already, beside the cache: what an interrupted fetch goes on from. */
import { readFile, rm } from 'node:fs/promises';
import { z } from 'zod';
import { writeAtomically } from '../files/write-atomically.ts';
import type { MeasuredRung } from './swap-quotes.ts';

/** Prices move: older measurements are made again. */
const KEEP_MS = 24 * 60 * 60_000;

const KeptSchema = z.strictObject({
  /** Hash of everything that decides a measurement. */
  plan: z.string(),
  rungs: z.record(
    z.string(),
    z.strictObject({ loss_rate: z.number(), gas_buy: z.number(), gas_sell: z.number(), measured_at_ms: z.number() }),
  ),
});

export interface KeptRungs {
  get(key: string): MeasuredRung | undefined;
  set(key: string, rung: MeasuredRung, nowMs: number): void;
  save(): Promise<void>;
  remove(): Promise<void>;
}

/** Those of another plan, older than a day, or unreadable are as good as none. */
export async function openKeptRungs(path: string, plan: string, nowMs: number): Promise<KeptRungs> {
  const rungs = new Map(Object.entries(await readKept(path, plan)).filter(([, rung]) => rung.measured_at_ms > nowMs - KEEP_MS));
  return {
    get(key) {
      const rung = rungs.get(key);
      return rung === undefined ? undefined : { lossRate: rung.loss_rate, gasBuy: rung.gas_buy, gasSell: rung.gas_sell };
    },
    set(key, { lossRate, gasBuy, gasSell }, measuredAtMs) {
      rungs.set(key, { loss_rate: lossRate, gas_buy: gasBuy, gas_sell: gasSell, measured_at_ms: measuredAtMs });
    },
    save: () => writeAtomically(path, `${JSON.stringify({ plan, rungs: Object.fromEntries(rungs) })}\n`),
    remove: () => rm(path, { force: true }),
  };
}

async function readKept(path: string, plan: string): Promise<z.infer<typeof KeptSchema>['rungs']> {
  try {
    const kept = KeptSchema.parse(JSON.parse(await readFile(path, 'utf8')));
    return kept.plan === plan ? kept.rungs : {};
  } catch {
    return {};
  }
}
