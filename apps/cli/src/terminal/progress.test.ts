import { describe, expect, it } from 'vitest';
import { describeProgress } from './progress.ts';

describe('progress', () => {
  it('says how far it is, how fast, and how long it will take', () => {
    expect(describeProgress({ done: 400, total: 1000, unit: 'combinations' }, 500)).toBe(
      '40 % · 400 of 1,000 combinations · 800/s · 1 s left',
    );
  });

  it('promises nothing before the first result', () => {
    expect(describeProgress({ done: 0, total: 1000, unit: 'combinations' }, 0)).toBe('0 % · 0 of 1,000 combinations · 0/s');
  });
});
