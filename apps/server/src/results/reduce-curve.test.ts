import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseExtremes, findFirstFrom } from './reduce-curve.ts';

const curve = fc.array(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), { minLength: 1, maxLength: 400 });

describe('a curve made coarser', () => {
  it('keeps the first, the last, the highest and the lowest point, in order, and no more points than asked for', () => {
    fc.assert(
      fc.property(curve, fc.integer({ min: 4, max: 200 }), (values, points) => {
        const kept = chooseExtremes(values, { from: 0, to: values.length, points });
        const shown = kept.map((position) => values[position] ?? Number.NaN);
        expect(kept.length).toBeLessThanOrEqual(Math.max(points, Math.min(values.length, points)));
        expect(kept).toEqual([...new Set(kept)].sort((left, right) => left - right));
        expect([kept[0], kept.at(-1)]).toEqual([0, values.length - 1]);
        expect([Math.max(...shown), Math.min(...shown)]).toEqual([Math.max(...values), Math.min(...values)]);
      }),
    );
  });

  it('finds the first time that is not before the wanted one', () => {
    expect([0, 10, 15, 20, 25].map((wanted) => findFirstFrom([10, 20], wanted))).toEqual([0, 0, 1, 1, 2]);
  });
});
