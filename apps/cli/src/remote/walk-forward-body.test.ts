/** What a walk-forward request can say of a study file, and that nothing else is left out silently. */
import { parseDuration, parseStudyFile } from '@quantbot/backtest';
import { AppError } from '@quantbot/core';
import { describe, expect, it } from 'vitest';
import { toMonths, toSearchFields } from './walk-forward-body.ts';

const HEAD = 'strategy: {name: cross}\ndata: {symbol: EURUSD, timeframe: 1h}\nsampler: random\nperiods: [all]\n';
const toFields = (rest: string) => toSearchFields(parseStudyFile(`${HEAD}${rest}`, 'study.yaml'));

function toCode(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return error instanceof AppError ? `${error.code} ${error.message}` : String(error);
  }
  return 'no error';
}

describe('the search of a walk-forward request', () => {
  it('says every kind of axis as a study file does', () => {
    const axes = '{values: {a: [1, 5], b: {low: 2, high: 9}, c: {low: 0.5, high: 2, log: true}, d: {start: 1, end: 2, step: 0.25}}}';
    const parameters = axes.replace('{values: ', '').replace(/\}$/, '');
    expect(toFields(`parameters: ${parameters}\nobjectives: [mar]\ntrials: 30\n`)).toMatchObject({
      optimize_params: {
        a: [1, 5],
        b: { low: 2, high: 9 },
        c: { low: 0.5, high: 2, log: true },
        d: { low: 1, high: 2, step: 0.25 },
      },
      objective: 'mar',
      sampler: 'random',
      trials: 30,
    });
  });

  it.each([
    ['parameters: {a: [1, 2], b: [1, 2]}\nconstraints: ["a < b"]', 'constraints between parameters'],
    ['parameters: {a: [1, 2]}\nsuccess_criteria: {min_trades: 30}', 'success criteria'],
    ['parameters: {a: [1, 2]}\nequity_floor: 0.5', 'equity_floor'],
    ['parameters: {a: {low: 1, high: 2, type: float}}', 'a is no whole number'],
    ['', 'write them into the study file'],
  ])('refuses `%s`, which a server cannot be told', (rest, what) => {
    expect(toCode(() => toFields(rest))).toMatch(new RegExp(`^USAGE .*${what}`));
  });
});

describe('the length of a window', () => {
  it.each([
    ['6mo', 6],
    ['1y', 12],
    ['15d', 15 / (365.25 / 12)],
  ])('%s is %d months', (text, months) => {
    expect(toMonths('--train', parseDuration('--train', text))).toBe(months);
  });

  it.each(['90d', '12w'])('%s is neither whole months nor few days, and refused', (text) => {
    expect(toCode(() => toMonths('--train', parseDuration('--train', text)))).toMatch(/^USAGE --train: a server takes whole months/);
  });
});
