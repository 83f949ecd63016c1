import { describe, expect, it } from 'vitest';
import { toTimeMs } from './common.ts';
import { parseConditions, toTrialKey } from './trials.ts';

describe('conditions on trials', () => {
  it('read parameters, figures of a period, states and numbers', () => {
    expect(parseConditions('param:fast<=10; metric:trades@all>30;objective:sharpe_ratio@90d>=-0.5;state=failed;param:side=long')).toEqual([
      { key: { kind: 'param', name: 'fast' }, is: '<=', value: 10 },
      { key: { kind: 'metric', name: 'trades', period: 'all' }, is: '>', value: 30 },
      { key: { kind: 'objective', name: 'sharpe_ratio', period: '90d' }, is: '>=', value: -0.5 },
      { key: { kind: 'state' }, is: '=', value: 'failed' },
      { key: { kind: 'param', name: 'side' }, is: '=', value: 'long' },
    ]);
  });

  it.each(['fast<3', 'metric:trades>3', 'metric:trades@2y>3', 'param:fast', "'; DROP TABLE trial; --"])('refuse %s', (text) => {
    expect(() => parseConditions(text)).toThrow(RangeError);
  });

  it('sort by the same keys', () => {
    expect(toTrialKey('objective:mar@1y')).toEqual({ kind: 'objective', name: 'mar', period: '1y' });
  });
});

describe('times in requests', () => {
  it('mean whole days in UTC when they have no time', () => {
    expect(toTimeMs('2024-01-31', 'from')).toBe(Date.UTC(2024, 0, 31));
    expect(toTimeMs('2024-01-31', 'to')).toBe(Date.UTC(2024, 1, 1));
    expect(toTimeMs('2024-01-31T12:00')).toBe(Date.UTC(2024, 0, 31, 12));
    expect(toTimeMs('2024-02-31')).toBeNaN();
  });
});
