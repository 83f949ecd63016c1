import type { Study, TrialRecord } from '@quantbot/core';
import { describe, expect, it } from 'vitest';
import { PythonEngine } from '../engine/python-engine.ts';
import { renderImportanceSection } from './html/importance.ts';
import { findImportance, sampleEvenly, type StudyImportance } from './parameter-importance.ts';
import { TrialColumns } from './trial-columns.ts';

const count = (length: number): number[] => Array.from({ length }, (_, row) => row);

describe('the sample of trials that importance is measured by', () => {
  it('is all of them if they are few', () => {
    expect(sampleEvenly([3, 5, 9], 3)).toEqual([3, 5, 9]);
  });

  it('is else spread over the whole study, each trial at most once', () => {
    const sample = sampleEvenly(count(10_007), 500);
    expect(sample).toHaveLength(500);
    expect(sample).toEqual([...new Set(sample)].toSorted((a, b) => a - b));
    const gaps = sample.slice(1).map((row, index) => row - (sample[index] ?? 0));
    expect(Math.max(...gaps, 10_007 - (sample.at(-1) ?? 0))).toBeLessThanOrEqual(42);
  });

  it('has every value of the innermost parameter of a grid about as often', () => {
    for (const values of [2, 4, 5]) {
      const sample = sampleEvenly(count(500 * values), 500);
      for (const value of count(values)) {
        const share = sample.filter((row) => row % values === value).length / 500;
        expect(Math.abs(share - 1 / values)).toBeLessThan(0.02);
      }
    }
  });
});

describe('the importance of parameters of a study', () => {
  const parameter = { kind: 'float' as const, low: 0, high: 1, log: false, when: [] };
  const study: Study = {
    id: 's',
    name: 's',
    state: 'complete',
    reason: null,
    definition: {
      strategy: 'mine',
      objectives: ['mar', 'total_return'],
      periods: ['all', '30d'],
      budget: null,
      seed: 1,
      blockSize: 256,
      spec: {
        version: 1,
        strategy: { name: 'mine', config: {}, files: [] },
        slice_id: null,
        space: {
          parameters: [
            { name: 'x', ...parameter },
            { name: 'y', ...parameter },
          ],
          constraints: [],
        },
        sampler: { name: 'random', startup_trials: 20, population_size: 50 },
        periods: ['all', '30d'],
        leading_period: '30d',
        result_constraints: [],
        success_criteria: {},
        equity_floor: null,
        provenance: {},
      },
    },
    createdAtMs: 0,
    updatedAtMs: 0,
    trialsRecorded: 0,
    trialsFailed: 0,
    trialsPruned: 0,
  };

  /** In the leading period mar is x; in the other, the total return of each trial is known too. */
  function toColumns(states: readonly TrialRecord['state'][]): TrialColumns {
    const columns = new TrialColumns(study.definition);
    for (const [number, state] of states.entries()) {
      const [x, y] = [(number * 0.618) % 1, (number * 0.414) % 1];
      const figures = [
        { period: 'all' as const, metrics: {}, objectives: { mar: y, total_return: y }, nullReasons: {} },
        { period: '30d' as const, metrics: {}, objectives: { mar: x, total_return: null }, nullReasons: {} },
      ];
      columns.add({ number, state, params: { x, y }, figures, rejections: [], error: null });
    }
    return columns;
  }

  const complete = Array.from({ length: 60 }, () => 'complete' as const);
  const { signal } = new AbortController();

  it('is that of its complete trials in the leading period, for each objective', async () => {
    using engine = new PythonEngine();
    const found = await findImportance({ engine, signal }, study, toColumns([...complete, 'pruned', 'pruned']));
    expect(found).toMatchObject({ period: '30d', complete_trials: 60, sampled_trials: 60, error: null });
    const [mar, totalReturn] = found?.objectives ?? [];
    expect(mar).toMatchObject({ objective: 'mar', reason: null, trials: 60 });
    expect(mar?.importance?.['x']).toBeGreaterThan(0.7);
    expect(totalReturn).toEqual({ objective: 'total_return', importance: null, reason: 'too_few_trials', trials: 0 });
  });

  it('is not asked for when no trial is complete', async () => {
    using engine = new PythonEngine({ command: { file: '/nowhere', args: [], env: {} } });
    expect(await findImportance({ engine, signal }, study, toColumns(['pruned']))).toBeNull();
  });

  it('is missing with the reason when the engine fails, so that the report is written all the same', async () => {
    using engine = new PythonEngine({
      command: { file: 'python3', args: ['-c', 'raise SystemExit(7)'], env: { PATH: process.env['PATH'] ?? '' } },
    });
    const found = await findImportance({ engine, signal }, study, toColumns(complete));
    expect(found).toMatchObject({ complete_trials: 60, objectives: [], error: { code: 'ENGINE_CRASHED' } });
  });

  it('is cancelled like the rest of the report', async () => {
    using engine = new PythonEngine();
    const cancelled = findImportance({ engine, signal: AbortSignal.abort() }, study, toColumns(complete));
    await expect(cancelled).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});

describe('the importance of parameters in the dashboard', () => {
  const render = (objective: Partial<StudyImportance['objectives'][number]>, change: Partial<StudyImportance> = {}): string => {
    const weighed = { objective: 'mar', importance: null, reason: null, trials: 30, ...objective };
    return renderImportanceSection({
      period: 'all',
      complete_trials: 30,
      sampled_trials: 30,
      objectives: [weighed],
      error: null,
      ...change,
    }).markup;
  };

  it('lists the weightiest parameter first, as a number and as a bar, with the trials it rests on', () => {
    const markup = render({ importance: { 'a<b': 0.25, stop: 0.75 } });
    expect(markup).toMatch(/rests on 30 trials[\s\S]*stop[\s\S]*75[\s\S]*width="75\.0%"[\s\S]*a&lt;b[\s\S]*width="25\.0%"/);
    expect(markup).not.toContain('An even sample');
  });

  it('tells how many trials were left out', () => {
    const markup = render({ importance: { stop: 1 } }, { complete_trials: 12_000, sampled_trials: 5_000 });
    expect(markup).toContain('An even sample of 5,000 of 12,000 complete trials');
  });

  it('says what went wrong where it could not be measured', () => {
    const markup = render({}, { objectives: [], error: { code: 'OUT_OF_MEMORY', message: 'no room' } });
    expect(markup).toMatch(/It could not be measured: no room <code>OUT_OF_MEMORY<\/code>/);
  });

  it.each([
    ['too_few_trials', 'Too few trials: 1 trial has a value of it, at least 20 are needed.', 1],
    ['no_variance', 'It does not vary: 40 trials have a value of it, all the same.', 40],
    ['no_effect', 'No parameter makes a difference: 40 trials have a value of it.', 40],
  ] as const)('says why there is none: %s', (reason, words, trials) => {
    const markup = render({ reason, trials });
    expect(markup).toContain(words);
    expect(markup).not.toContain('<table');
  });
});
