/** Plans that were made before, by a hash of everything that they depend on. Losing one costs time, never a result. */
import { createHash, randomUUID } from 'node:crypto';
import { access, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SliceRefSchema, type SliceRef } from '@quantbot/core';
import { z } from 'zod';
import { toDiskError } from '../files/disk-error.ts';
import type { SeriesChoice } from '../plan/choose-series.ts';
import type { CallCoverage } from '../plan/coverage.ts';
import type { SliceRequest } from './slice-request.ts';
import { toSlicePath } from './write-slice.ts';

/** Raised when planning changes its mind: plans of other versions are not found. */
const PLAN_VERSION = 1;

export interface KeptPlan {
  readonly slice: SliceRef;
  readonly candles: number;
  /** In the order of the calls asked for. */
  readonly coverage: readonly CallCoverage[];
}

const CoverageSchema: z.ZodType<CallCoverage> = z.union([
  z.object({ status: z.literal('full') }),
  z.object({ status: z.literal('partial'), reason: z.enum(['too_new', 'missing_range']), coveredMs: z.number(), horizonMs: z.number() }),
  z.object({ status: z.literal('missing'), reason: z.enum(['no_candles', 'no_entry']) }),
]);
const KeptPlanSchema = z.object({ slice: SliceRefSchema, candles: z.number(), coverage: z.array(CoverageSchema) });

export function toPlanKey(request: SliceRequest, { intervalS, dataEndMs, series }: SeriesChoice): string {
  const hash = createHash('sha256');
  hash.update(JSON.stringify([PLAN_VERSION, intervalS, dataEndMs, request.maxHoldHrs, request.allowPartial, request.minCalls]));
  for (const { instrument, contentHash } of series) hash.update(JSON.stringify([instrument, contentHash]));
  for (const { id, mint, caller, ts_ms: tsMs } of request.calls) hash.update(JSON.stringify([id, mint, caller, tsMs]));
  return hash.digest('hex').slice(0, 32);
}

/** undefined: never made, not readable, or its slice is gone. */
export function findKeptPlan(slicesDir: string, key: string): Promise<KeptPlan | undefined> {
  return findKept(slicesDir, key, KeptPlanSchema);
}

/** `findKeptPlan` for plans of another shape. */
export async function findKept<Plan extends { readonly slice: SliceRef }>(
  slicesDir: string,
  key: string,
  schema: z.ZodType<Plan>,
): Promise<Plan | undefined> {
  try {
    const kept = schema.parse(JSON.parse(await readFile(toPath(slicesDir, key), 'utf8')));
    const path = toSlicePath(slicesDir, kept.slice.id);
    await access(join(path, 'manifest.json'));
    return { ...kept, slice: { id: kept.slice.id, path } };
  } catch {
    // Whatever is wrong with it, planning again puts it right.
    return undefined;
  }
}

export async function keepPlan(
  slicesDir: string,
  key: string,
  plan: { readonly slice: SliceRef; readonly [field: string]: unknown },
): Promise<void> {
  const path = toPath(slicesDir, key);
  const staging = `${path}.${randomUUID()}`;
  try {
    await mkdir(join(slicesDir, 'plans'), { recursive: true });
    await writeFile(staging, JSON.stringify(plan));
    await rename(staging, path);
  } catch (error) {
    await rm(staging, { force: true });
    throw toDiskError(error, slicesDir);
  }
}

function toPath(slicesDir: string, key: string): string {
  return join(slicesDir, 'plans', `${key}.json`);
}
