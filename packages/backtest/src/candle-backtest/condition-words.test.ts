import type { ConditionStep, RuleStrategy } from '@quantbot/core';
import { describe, expect, it } from 'vitest';
import { toConditionLines } from './condition-words.ts';

const expression = (text: string): ConditionStep => ({
  kind: 'expression',
  expression: { text, tokens: [{ kind: 'name', name: 'close' }] },
});
const cross = (kind: string): ConditionStep => ({
  kind: 'signal',
  signal: 'ma_crossover',
  outputs: [{ output: 'crossover_type', one_of: [kind], threshold: null }],
  parameters: { fast_period: 20 },
});
const describeRules = (rules: Partial<RuleStrategy>): readonly string[] =>
  toConditionLines({ name: 'rules', config: { rules: JSON.parse(JSON.stringify({ name: 'any', ...rules })) as never }, files: [] });

describe('rules in words', () => {
  it('say when a strategy enters and leaves, and nothing of directions it does not trade', () => {
    expect(describeRules({ enter_short: [cross('death_cross')], exit_short: [cross('golden_cross')] })).toEqual([
      'sells short when ma_crossover(fast_period 20) has crossover_type death_cross',
      'leaves a short position when ma_crossover(fast_period 20) has crossover_type golden_cross',
    ]);
  });

  it('keep all and any apart with brackets', () => {
    const steps: ConditionStep[] = [
      expression('a < 1'),
      expression('b < 2'),
      { kind: 'any', count: 2 },
      expression('c < 3'),
      { kind: 'all', count: 2 },
    ];
    expect(describeRules({ enter_long: steps })).toEqual(['buys when (a < 1 or b < 2) and c < 3']);
  });

  it('show the numbers that outputs are compared with', () => {
    const step: ConditionStep = {
      kind: 'signal',
      signal: 'volume_spike',
      outputs: [{ output: 'volume_ratio', one_of: null, threshold: { operator: '>', value: 3 } }],
      parameters: {},
    };
    expect(describeRules({ enter_long: [step] })).toEqual(['buys when volume_spike has volume_ratio > 3']);
  });

  it('say nothing of a strategy in Python', () => {
    expect(toConditionLines({ name: 'donchian_regime', config: {}, files: ['donchian_regime.py'] })).toEqual([]);
  });
});
