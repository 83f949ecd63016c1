import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addDuration, parseDuration, splitWindows } from './windows.ts';

const at = (day: string): number => Date.parse(`${day}T00:00:00Z`);
const days = (text: string): ReturnType<typeof parseDuration> => parseDuration('test', text);
const show = ({ fromMs, toMs }: { fromMs: number; toMs: number }): string =>
  `${new Date(fromMs).toISOString().slice(0, 10)}..${new Date(toMs).toISOString().slice(0, 10)}`;

describe('the windows of a walk-forward analysis', () => {
  const year = { fromMs: at('2024-01-01'), toMs: at('2025-01-01') };

  it('follow each other without a hole between the tests', () => {
    const windows = splitWindows({ ...year, train: days('3mo'), test: days('3mo'), mode: 'rolling' });
    expect(windows.map(({ train, test }) => [show(train), show(test)])).toEqual([
      ['2024-01-01..2024-04-01', '2024-04-01..2024-07-01'],
      ['2024-04-01..2024-07-01', '2024-07-01..2024-10-01'],
      ['2024-07-01..2024-10-01', '2024-10-01..2025-01-01'],
    ]);
  });

  it('grow from the same beginning when they are anchored', () => {
    const windows = splitWindows({ ...year, train: days('180d'), test: days('90d'), mode: 'anchored' });
    expect(windows.map(({ train }) => show(train))).toEqual(['2024-01-01..2024-06-29', '2024-01-01..2024-09-27']);
  });

  it('leave a gap between train and test when asked to', () => {
    const [first] = splitWindows({ ...year, train: days('90d'), test: days('30d'), gap: days('2d'), mode: 'rolling' });
    expect(first && [show(first.train), show(first.test)]).toEqual(['2024-01-01..2024-03-31', '2024-04-02..2024-05-02']);
  });

  it('are refused when the data are too short for one, with the days that are needed', () => {
    expect(() => splitWindows({ ...year, train: days('1y'), test: days('30d'), mode: 'rolling' })).toThrow(/396 days; found 366 days/);
  });

  it('never test on what they were trained on, and never reach beyond the data', () => {
    const length = fc.integer({ min: 1, max: 400 }).map((count) => ({ months: 0, ms: count * 86_400_000 }));
    fc.assert(
      fc.property(length, length, length, fc.constantFrom('rolling' as const, 'anchored' as const), (train, test, step, mode) => {
        const toMs = addDuration(year.fromMs, { months: 0, ms: train.ms + test.ms + 3 * step.ms });
        const windows = splitWindows({ fromMs: year.fromMs, toMs, train, test, step, mode });
        expect(windows).toHaveLength(4);
        for (const window of windows) {
          expect(window.train.toMs).toBeLessThanOrEqual(window.test.fromMs);
          expect(window.test.toMs).toBeLessThanOrEqual(toMs);
          expect(window.train.toMs - window.train.fromMs).toBeGreaterThanOrEqual(train.ms);
        }
      }),
    );
  });
});

describe('a length of time', () => {
  it.each([
    ['2024-01-31', '1mo', '2024-02-29'],
    ['2024-02-29', '1y', '2025-02-28'],
    ['2024-01-01', '2w', '2024-01-15'],
  ])('%s and %s later is %s', (from, length, to) => {
    expect(addDuration(at(from), days(length))).toBe(at(to));
  });

  it.each(['', '90', 'd', '0d', '-3d', '1.5d', '3 months', '9999999d'])('is refused as "%s"', (text) => {
    expect(() => parseDuration('--train', text)).toThrow(/--train: expected a length of time such as 90d/);
  });
});
