import type { Study, TrialRecord } from '@quantbot/core';
import { describe, expect, it } from 'vitest';
import { chooseRows } from './dashboard-data.ts';
import { thinOut } from './top-curves.ts';
import { TrialColumns } from './trial-columns.ts';

const DEFINITION: Study['definition'] = {
  strategy: 'mine',
  objectives: ['total_return', 'mar'],
  periods: ['all'],
  budget: null,
  seed: 1,
  blockSize: 256,
  spec: {
    version: 1,
    strategy: { name: 'mine', config: {}, files: [] },
    slice_id: null,
    space: { parameters: [{ kind: 'int', name: 'x', low: 0, high: 9, log: false, when: [] }], constraints: [] },
    sampler: { name: 'random', startup_trials: 20, population_size: 50 },
    periods: ['all'],
    leading_period: 'all',
    result_constraints: [],
    success_criteria: {},
    equity_floor: null,
    provenance: {},
  },
};

const STUDY: Study = {
  id: 's',
  name: 's',
  state: 'complete',
  reason: null,
  definition: DEFINITION,
  createdAtMs: 0,
  updatedAtMs: 0,
  trialsRecorded: 0,
  trialsFailed: 0,
  trialsPruned: 0,
};

function toTrial(number: number, totalReturn: number, mar: number | null): TrialRecord {
  const figures = [
    { period: 'all' as const, metrics: { total_return: totalReturn }, objectives: { total_return: totalReturn, mar }, nullReasons: {} },
  ];
  return { number, state: 'complete', params: { x: number % 10 }, figures, rejections: [], error: null };
}

function toColumns(trials: readonly TrialRecord[]): TrialColumns {
  const columns = new TrialColumns(DEFINITION);
  for (const trial of trials) columns.add(trial);
  return columns;
}

describe('the trials that a dashboard shows', () => {
  it('are all of them if there is room, without those that failed', () => {
    const failed: TrialRecord = {
      ...toTrial(1, 0, null),
      state: 'failed',
      figures: [],
      error: { code: 'STRATEGY_FAILED', message: '', traceback: null },
    };
    expect(chooseRows(toColumns([toTrial(0, 1, 1), failed, toTrial(2, 3, null)]), STUDY).rows).toEqual([0, 2]);
  });

  it('are else the best by each objective and an even sample of the rest, each once and in order', () => {
    // The return falls with the number, mar rises with it.
    const columns = toColumns(Array.from({ length: 1_000 }, (_, number) => toTrial(number, 1_000 - number, number)));
    const { rows, best } = chooseRows(columns, STUDY, 100);
    expect(rows).toHaveLength(100);
    expect(best).toBe(50);
    expect(rows.slice(0, 50)).toEqual(Array.from({ length: 50 }, (_, row) => row));
    expect(rows).toContain(999);
    expect(rows).toEqual([...new Set(rows)].toSorted((a, b) => a - b));
    const middle = rows.filter((row) => row >= 50 && row < 980);
    expect(Math.max(...middle.slice(1).map((row, index) => row - (middle[index] ?? 0)))).toBeLessThan(60);
  });

  it('are ranked with undefined values last and ties by number', () => {
    const columns = toColumns([toTrial(0, 1, null), toTrial(1, 1, 5), toTrial(2, 1, -3), toTrial(3, 1, 5)]);
    expect(columns.rank('all', 'mar')).toEqual([1, 3, 2, 0]);
    expect(columns.rank('all', 'total_return')).toEqual([0, 1, 2, 3]);
  });
});

describe('a long curve', () => {
  it('keeps its deepest fall, its highest peak and its end', () => {
    const equity = Array.from({ length: 10_000 }, (_, index) => (index === 4_321 ? 1 : index === 7_777 ? 99 : 50));
    const thin = thinOut({ ts_ms: equity.map((_, index) => index), equity }, 500);
    expect(thin.ts_ms.length).toBeLessThanOrEqual(500);
    expect([Math.min(...thin.equity), Math.max(...thin.equity)]).toEqual([1, 99]);
    expect([thin.ts_ms[0], thin.ts_ms.at(-1)]).toEqual([0, 9_999]);
    expect(thin.ts_ms).toEqual(thin.ts_ms.toSorted((a, b) => a - b));
  });

  it('is left as it is when it is short', () => {
    const curve = { ts_ms: [1, 2, 3], equity: [1, 2, 3] };
    expect(thinOut(curve, 3)).toEqual(curve);
  });
});
