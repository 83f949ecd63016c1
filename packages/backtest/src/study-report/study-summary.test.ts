import type { TrialRecord } from '@quantbot/core';
import { describe, expect, it } from 'vitest';
import { toFlatColumns } from './flat-trial.ts';
import { formatFigure, formatParameter } from './page/figure-text.js';
import { toLeader, TrialTally } from './study-tally.ts';

function toTrial(number: number, value: number | null, change: Partial<TrialRecord> = {}): TrialRecord {
  const figures = [{ period: 'all' as const, metrics: {}, objectives: { mar: value }, nullReasons: {} }];
  return { number, state: 'complete', params: {}, figures, rejections: [], error: null, ...change };
}

function toTally(trials: readonly TrialRecord[]): TrialTally {
  const tally = new TrialTally({ objectives: ['mar'], periods: ['all'] });
  for (const trial of trials) tally.add(trial);
  return tally;
}

const leaderOf = (trials: readonly TrialRecord[]): number | undefined => {
  const [race] = toTally(trials).races;
  return race === undefined ? undefined : toLeader(race).trial?.number;
};

describe('the best trial', () => {
  it('is the first of the highest', () => {
    expect(leaderOf([toTrial(0, 1), toTrial(1, 3), toTrial(2, 3), toTrial(3, null)])).toBe(1);
  });

  it('is an accepted one, even if a rejected one is higher', () => {
    expect(leaderOf([toTrial(0, 9, { rejections: ['min_trades'] }), toTrial(1, 2)])).toBe(1);
  });

  it('is a rejected one if none is accepted', () => {
    expect(leaderOf([toTrial(0, 1, { rejections: ['min_trades'] }), toTrial(1, 2, { rejections: ['min_sharpe'] })])).toBe(1);
  });

  it('is never one that was pruned or failed', () => {
    const error = { code: 'STRATEGY_FAILED', message: 'no', traceback: null };
    expect(leaderOf([toTrial(0, 9, { state: 'pruned' }), toTrial(1, null, { state: 'failed', figures: [], error })])).toBeUndefined();
  });
});

describe('the counts of a study', () => {
  it('count each state, each reason of rejection and each code of failure', () => {
    const error = { code: 'ENGINE_CRASHED', message: 'gone', traceback: null };
    const tally = toTally([
      toTrial(0, 1),
      toTrial(1, 1, { rejections: ['min_trades', 'max_drawdown'] }),
      toTrial(2, 1, { rejections: ['min_trades'], state: 'pruned' }),
      toTrial(3, null, { state: 'failed', figures: [], error }),
    ]);
    expect(tally.counts).toEqual({ recorded: 4, complete: 2, pruned: 1, failed: 1, accepted: 1 });
    expect([...tally.rejections]).toEqual([
      ['min_trades', 2],
      ['max_drawdown', 1],
    ]);
    expect([...tally.failuresByCode]).toEqual([['ENGINE_CRASHED', 1]]);
    expect(tally.failures).toEqual([{ number: 3, code: 'ENGINE_CRASHED', message: 'gone' }]);
  });
});

describe('columns of trials', () => {
  it('are typed by what a parameter may be', () => {
    const base = { when: [] };
    const types = toFlatColumns(
      [
        { kind: 'int', name: 'i', low: 1, high: 2, log: false, ...base },
        { kind: 'range', name: 'r', start: 0.5, step: 1, count: 2, ...base },
        { kind: 'range', name: 'w', start: 1, step: 2, count: 2, ...base },
        { kind: 'categorical', name: 'b', values: [true, false], ...base },
        { kind: 'categorical', name: 'm', values: [1, 'two'], ...base },
      ],
      new Map([['all', new Set(['mar'])]]),
    );
    expect(types.slice(6).map(({ name, type }) => `${name} ${type}`)).toEqual([
      'params.i BIGINT',
      'params.r DOUBLE',
      'params.w BIGINT',
      'params.b BOOLEAN',
      'params.m VARCHAR',
      'all.mar DOUBLE',
    ]);
  });
});

describe('figures as text', () => {
  it('are shares, money or numbers by their name', () => {
    expect(formatFigure('total_return', 0.655)).toBe('+65.5%');
    expect(formatFigure('max_drawdown', 0.024)).toBe('2.4%');
    expect(formatFigure('final_balance', 16_545.3)).toBe('16,545');
    expect(formatFigure('sharpe_ratio', -1.23456)).toBe('−1.235');
    expect(formatFigure('mar', null)).toBe('–');
  });

  it('of parameters are without the rounding errors of steps', () => {
    expect([formatParameter(0.1 + 0.2), formatParameter(2.4000000000000004), formatParameter(true), formatParameter('a')]).toEqual([
      '0.3',
      '2.4',
      'true',
      'a',
    ]);
  });
});
