/** Contract of the study store: trials come back bit for bit, and pages are sorted and filtered as a naive sort in memory would. */
import type { ParameterValue, TrialCondition, TrialKey, TrialQuery, TrialRecord } from '@quantbot/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codeOf, type CreateStore } from './fixture.ts';
import { collect, createSampleStudy, recordTrials, toTrial } from './sample-trials.ts';

const PERIODS = ['30d', '90d', '1y', 'all'] as const;
const EDGES = [
  0,
  -0,
  5e-324,
  -5e-324,
  2.2250738585072014e-308,
  Number.MAX_VALUE,
  -Number.MAX_VALUE,
  2 ** 53 + 2,
  2 ** 60,
  -(2 ** 63),
  1e21,
  0.1,
  1 / 3,
];

const finite = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constantFrom(...EDGES), fc.integer());
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string(),
  fc.constantFrom('', '__proto__', 'constructor', "it's", 'a"b', 'a\\b', '\0', '\ud800', '\\u0000', 'null', '1', '🚀'),
);
const name = text.map((value) => value.toWellFormed().replaceAll('\0', '0'));
const figures = fc.dictionary(name, fc.option(finite), { maxKeys: 4, noNullPrototype: true });
const parameter: fc.Arbitrary<ParameterValue> = fc.oneof(finite, text, fc.boolean());
const params = fc.dictionary(name, parameter, { maxKeys: 4, noNullPrototype: true });
const error = fc.record({ code: text, message: text, traceback: fc.option(text) }, { noNullPrototype: true });

const anyTrial = fc.record({
  state: fc.constantFrom('complete', 'pruned', 'failed'),
  params,
  figures: fc.subarray([...PERIODS]).chain((periods) =>
    fc.tuple(
      ...periods.map((period) =>
        fc.record(
          {
            period: fc.constant(period),
            metrics: figures,
            objectives: figures,
            nullReasons: fc.dictionary(name, text, { maxKeys: 2, noNullPrototype: true }),
          },
          { noNullPrototype: true },
        ),
      ),
    ),
  ),
  rejections: fc.array(text, { maxLength: 2 }),
  error: fc.option(error),
});

function numberTrials(trials: readonly Omit<TrialRecord, 'number'>[]): TrialRecord[] {
  return trials.map((trial, number) => ({ number, ...trial }));
}

/** Few names and few values, so that ties, undefined values and mixed types are common. */
const tightTrial = fc.record({
  state: fc.constantFrom('complete' as const, 'pruned' as const, 'failed' as const),
  params: fc.dictionary(
    fc.constantFrom('p', 'q'),
    fc.constantFrom<ParameterValue>(1, 2, -0, 0, true, false, 'a', 'B', '', 'é', '\0', '🚀'),
    { maxKeys: 2, noNullPrototype: true },
  ),
  metrics: fc.dictionary(fc.constantFrom('m', 'n'), fc.option(fc.constantFrom(...EDGES)), { maxKeys: 2, noNullPrototype: true }),
  objectives: fc.dictionary(fc.constantFrom('m'), fc.option(fc.constantFrom(1, 2, 3)), { maxKeys: 1 }),
  rejections: fc.constantFrom<string[]>([], ['min_trades']),
});
const key: fc.Arbitrary<TrialKey> = fc.constantFrom<TrialKey>(
  { kind: 'number' },
  { kind: 'state' },
  { kind: 'param', name: 'p' },
  { kind: 'param', name: 'absent' },
  { kind: 'metric', name: 'm', period: 'all' },
  { kind: 'metric', name: 'm', period: '30d' },
  { kind: 'objective', name: 'm', period: 'all' },
);
const condition: fc.Arbitrary<TrialCondition> = fc.record({
  key,
  is: fc.constantFrom('<', '<=', '>', '>=', '='),
  value: fc.constantFrom<ParameterValue>(1, 2, 0, 0.1, true, 'a', '', 'complete', '\0', 2 ** 60),
});
const query: fc.Arbitrary<TrialQuery> = fc.record(
  {
    states: fc.subarray(['complete' as const, 'pruned' as const, 'failed' as const]),
    conditions: fc.array(condition, { maxLength: 2 }),
    acceptedOnly: fc.boolean(),
    sort: fc.record({ key, direction: fc.constantFrom('asc' as const, 'desc' as const) }),
    offset: fc.nat(5),
    limit: fc.nat(8),
  },
  { requiredKeys: [] },
);

/** Numbers, and truth values as 1 and 0, before texts; undefined when the trial does not have it. */
function valueOf(trial: TrialRecord, by: TrialKey): number | Buffer | undefined {
  const found =
    by.kind === 'number' || by.kind === 'state'
      ? trial[by.kind]
      : by.kind === 'param'
        ? trial.params[by.name]
        : trial.figures.find(({ period }) => period === by.period)?.[by.kind === 'metric' ? 'metrics' : 'objectives'][by.name];
  return toComparable(found ?? undefined);
}

function toComparable(value: ParameterValue | undefined): number | Buffer | undefined {
  // NUL is kept as an escape, and sorts as one.
  return typeof value === 'string' ? Buffer.from(value.replaceAll('\0', '\\u0000')) : value === undefined ? undefined : Number(value);
}

function compare(a: number | Buffer, b: number | Buffer): number {
  if (typeof a === 'number') return typeof b === 'number' ? a - b : -1;
  return typeof b === 'number' ? 1 : Buffer.compare(a, b);
}

function meets(trial: TrialRecord, { key: by, is, value }: TrialCondition): boolean {
  const [found, wanted] = [valueOf(trial, by), toComparable(value)];
  if (found === undefined || wanted === undefined || typeof found !== typeof wanted) return false;
  const order = Math.sign(compare(found, wanted));
  return { '<': order < 0, '<=': order <= 0, '>': order > 0, '>=': order >= 0, '=': order === 0 }[is];
}

function listNaively(
  trials: readonly TrialRecord[],
  { states, conditions = [], acceptedOnly, sort, offset = 0, limit = 50 }: TrialQuery,
): unknown {
  const matching = trials
    .filter((trial) => states?.includes(trial.state) ?? true)
    .filter((trial) => acceptedOnly !== true || (trial.state === 'complete' && trial.rejections.length === 0))
    .filter((trial) => conditions.every((one) => meets(trial, one)));
  const by = sort?.key ?? { kind: 'number' };
  const sign = sort?.direction === 'desc' ? -1 : 1;
  const sorted = matching.toSorted((a, b) => {
    const [x, y] = [valueOf(a, by), valueOf(b, by)];
    if (x === undefined || y === undefined) return Number(x === undefined) - Number(y === undefined) || a.number - b.number;
    // Numbers stand before texts in both directions.
    return (typeof x === typeof y ? sign * Math.sign(compare(x, y)) : compare(x, y)) || a.number - b.number;
  });
  return { total: matching.length, numbers: sorted.slice(offset, offset + limit).map((trial) => trial.number) };
}

export function describeTrials(createStore: CreateStore): void {
  describe('trials', () => {
    it('come back bit for bit, whatever is in them, in the order of their names', async () => {
      await using fixture = await createStore();
      let study = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(anyTrial, { minLength: 1, maxLength: 6 }), async (samples) => {
          const id = `study ${String((study += 1))}`;
          const trials = numberTrials(samples);
          await createSampleStudy(fixture.store, id);
          await recordTrials(fixture.store, id, trials);
          const read = await collect(fixture.store.streamTrials(id));
          // Vitest tells -0 from 0; the order of names only shows as text.
          expect(read).toStrictEqual(trials);
          expect(JSON.stringify(read)).toBe(JSON.stringify(trials));
        }),
        { numRuns: 120, seed: 42 },
      );
    });

    it('are sorted, filtered and counted as a list in memory would be', async () => {
      await using fixture = await createStore();
      let study = 0;
      await fc.assert(
        fc.asyncProperty(
          fc.array(tightTrial, { minLength: 1, maxLength: 12 }),
          fc.array(query, { minLength: 8, maxLength: 8 }),
          async (samples, queries) => {
            const id = `study ${String((study += 1))}`;
            const trials = samples.map((sample, number) => toTrial(number, sample));
            await createSampleStudy(fixture.store, id);
            const half = Math.floor(trials.length / 2);
            if (half > 0) await recordTrials(fixture.store, id, trials.slice(0, half));
            await recordTrials(fixture.store, id, trials.slice(half));
            for (const one of queries) {
              const { total, items } = await fixture.store.listTrials(id, one);
              expect({ total, numbers: items.map((trial) => trial.number) }, JSON.stringify(one)).toEqual(listNaively(trials, one));
            }
          },
        ),
        { numRuns: 40, seed: 42 },
      );
    });

    it('are in the next page at once, also those that were recorded after the page was asked for', async () => {
      await using fixture = await createStore();
      const { store } = fixture;
      await createSampleStudy(store, 'a');
      const token = await recordTrials(store, 'a', [toTrial(0), toTrial(1)]);
      const query = { sort: { key: { kind: 'objective', name: 'mar', period: 'all' }, direction: 'desc' } } as const;
      const numbers = async (page: TrialQuery): Promise<unknown> => {
        const { items, total } = await store.listTrials('a', { ...query, ...page });
        return [items.map(({ number }) => number), total];
      };
      expect(await numbers({})).toEqual([[1, 0], 2]);
      expect(await numbers({})).toEqual([[1, 0], 2]);
      await store.recordBlock({ studyId: 'a', token, first: 2, trials: [toTrial(2), toTrial(3)], atMs: 0 });
      expect(await numbers({})).toEqual([[3, 2, 1, 0], 4]);
      expect(await numbers({ offset: 1, limit: 2 })).toEqual([[2, 1], 4]);
      expect(await numbers({ offset: 6_000 })).toEqual([[], 4]);
    });

    it('are streamed from any number on, page by page', async () => {
      await using fixture = await createStore();
      await createSampleStudy(fixture.store, 'a');
      const trials = Array.from({ length: 1_300 }, (_, number) => toTrial(number));
      await recordTrials(fixture.store, 'a', trials);
      for (const from of [0, 1, 276, 788, 1_299, 1_300, 5_000]) {
        expect((await collect(fixture.store.streamTrials('a', from))).map((trial) => trial.number)).toEqual(
          trials.slice(from).map((trial) => trial.number),
        );
      }
    });

    it('of a study that is not there are an error, not an empty list', async () => {
      await using fixture = await createStore();
      expect(await codeOf(fixture.store.listTrials('nobody'))).toBe('STUDY_NOT_FOUND');
      expect(await codeOf(collect(fixture.store.streamTrials('nobody')))).toBe('STUDY_NOT_FOUND');
      expect(await fixture.store.findTrial('nobody', 0)).toBeUndefined();
    });

    it('cannot be asked for with limits out of range, or compared with what is no number', async () => {
      await using fixture = await createStore();
      await createSampleStudy(fixture.store, 'a');
      const bad: TrialQuery[] = [
        { limit: 1001 },
        { limit: -1 },
        { offset: 0.5 },
        { conditions: [{ key: { kind: 'number' }, is: '<', value: NaN }] },
      ];
      for (const one of bad) expect(await codeOf(fixture.store.listTrials('a', one))).toBe('INVALID_REQUEST');
    });
  });
}
