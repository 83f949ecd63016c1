import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError, type ConditionStep, type RuleStrategy } from '@quantbot/core';
import { describe, expect, it } from 'vitest';
import { parseRuleStrategy, type ParsedStrategy } from './parse-rule-strategy.ts';

/** The predecessor's test-death-cross.yaml, word for word. */
const DEATH_CROSS = `name: test_death_cross_strategy
version: "1.0.0"
author: test
description: Test strategy for death cross signals

dependencies:
  signals:
    - signals.ma_crossover

parameters:
  stop_loss: 0.02
  take_profit: 0.04
  position_size: 0.02

entry:
  when:
    - signal: ma_crossover
      outputs:
        crossover_type: death_cross  # Match the signal we have
  action: sell  # Short on death cross
  size: 0.02

exit:
  # Exit on opposite signal
  signal_exit:
    when:
      - signal: ma_crossover
        outputs:
          crossover_type: golden_cross
    action: close_all

  # Risk-based exits
  stop_loss:
    type: percentage
    value: 0.02  # 2% stop loss

  take_profit:
    type: percentage
    value: 0.04  # 4% take profit

risk:
  max_drawdown: 0.15
  max_position_size: 0.1
`;

const read = (text: string): ParsedStrategy => parseRuleStrategy(text, 's.yaml');
const toRules = (text: string): RuleStrategy => read(text).rules;

function toProblems(text: string): readonly string[] {
  try {
    read(text);
  } catch (error) {
    expect(error).toBeInstanceOf(AppError);
    expect((error as AppError).code).toBe('INVALID_STRATEGY');
    return (error as AppError).message.split('\n');
  }
  return expect.unreachable();
}

/** A condition in words, postfix. */
const toWords = (steps: readonly ConditionStep[] | null): string =>
  (steps ?? [])
    .map((step) => {
      if (step.kind === 'expression') return `[${step.expression.text}]`;
      if (step.kind !== 'signal') return `${step.kind}${String(step.count)}`;
      const tests = step.outputs.map(({ output, one_of: oneOf, threshold }) => {
        const limit = typeof threshold?.value === 'object' ? threshold.value.text : String(threshold?.value);
        return `${output}=${oneOf?.join('|') ?? `${threshold?.operator ?? ''}${limit}`}`;
      });
      return `${step.signal}(${tests.join(',')})`;
    })
    .join(' ');

const BASE = 'name: s\nentry: {when: close > open, action: buy}\n';

describe("the predecessor's strategy", () => {
  it('sells at a death cross, leaves at a golden cross, with its stop, target and limits', () => {
    const { rules, description } = read(DEATH_CROSS);
    expect(description).toBe('Test strategy for death cross signals');
    expect(rules).toMatchObject({ name: 'test_death_cross_strategy', enter_long: null, exit_long: null, order_kind: 'market' });
    expect(toWords(rules.enter_short)).toBe('ma_crossover(crossover_type=death_cross)');
    expect(toWords(rules.exit_short)).toBe('ma_crossover(crossover_type=golden_cross)');
    expect(rules.simulation).toMatchObject({ directions: 'short', max_drawdown: 0.15, max_position_size: 0.1, sizing: 'equity_fraction' });
  });

  it('ties the parameters that nothing speaks of to the places of the same name and value', () => {
    const { rules, linkedParameters, unusedParameters, parameters } = read(DEATH_CROSS);
    expect(linkedParameters).toEqual(['stop_loss', 'take_profit', 'position_size']);
    expect(unusedParameters).toEqual([]);
    expect(parameters).toEqual({ stop_loss: 0.02, take_profit: 0.04, position_size: 0.02 });
    expect(rules.simulation).toMatchObject({
      stop_loss: { text: '${stop_loss}' },
      take_profit: { text: '${take_profit}' },
      size: { text: '${position_size}' },
    });
  });

  it('leaves a parameter alone whose value differs from the place of its name', () => {
    const { rules, unusedParameters } = read(DEATH_CROSS.replace('stop_loss: 0.02', 'stop_loss: 0.03'));
    expect(unusedParameters).toEqual(['stop_loss']);
    expect(rules.simulation.stop_loss).toBe(0.02);
  });
});

describe('the guide for traders', () => {
  it('shows strategies that can be read', async () => {
    const page = await readFile(join(import.meta.dirname, '../../../../docs/strategies.md'), 'utf8');
    const [whole = '', entry = '', when = '', folded = '', parameters = ''] = [...page.matchAll(/```yaml\n(.*?)```/gs)].map(
      ([, text = '']) => text,
    );
    const indent = (text: string): string => text.replaceAll(/^/gm, '  ');
    expect(read(whole).space).toHaveLength(1);
    expect(toRules(`name: s\n${entry}`).simulation.directions).toBe('both');
    for (const text of [when, folded]) {
      expect(toRules(`name: s\nparameters: {slow: 30}\nentry:\n  action: buy\n${indent(text)}`).enter_long).not.toBeNull();
    }
    expect(read(`${BASE}${parameters}`).space.map(({ name }) => name)).toEqual(['period', 'stop_loss', 'wide']);
  });
});

describe('conditions', () => {
  it.each([
    ['rsi(14) < 30 and close > sma(200)', '[rsi(14) < 30 and close > sma(200)]'],
    ['[close > open, volume > 0]', '[close > open] [volume > 0] all2'],
    ['{any: [close > open, {all: [volume > 0, rsi(14) < 30]}]}', '[close > open] [volume > 0] [rsi(14) < 30] all2 any2'],
    ['{signal: signals.ma_crossover}', 'ma_crossover()'],
    [
      '{signal: ma_crossover, outputs: {crossover_type: [golden_cross, death_cross]}}',
      'ma_crossover(crossover_type=golden_cross|death_cross)',
    ],
    ['{signal: ma_crossover, outputs: {strength: "> 0.5"}}', 'ma_crossover(strength=>0.5)'],
    ['{signal: ma_crossover, outputs: {strength: {gte: 0.5}}}', 'ma_crossover(strength=>=0.5)'],
    ['{signal: rsi, outputs: {rsi_value: {gt: 20, lt: 30}}}', 'rsi(rsi_value=>20) rsi(rsi_value=<30) all2'],
  ])('%s', (when, expected) => {
    expect(toWords(toRules(`name: s\nentry: {when: ${when}, action: buy}`).enter_long)).toBe(expected);
  });

  it('go both ways: a list of entries, or a block for each direction', () => {
    const list = toRules(
      'name: s\nentry:\n  - {when: close > open, action: long}\n  - {when: close < open, action: short}\nexit: {signal_exit: {when: volume > 9}}',
    );
    const blocks = toRules(
      'name: s\nentry: {size: 0.5, long: {when: close > open}, short: {when: close < open}}\nexit: {signal_exit: {short: {when: volume > 9}}}',
    );
    expect([list.enter_long, list.enter_short]).toEqual([blocks.enter_long, blocks.enter_short]);
    expect(list.simulation.directions).toBe('both');
    expect([toWords(list.exit_long), toWords(list.exit_short)]).toEqual(['[volume > 9]', '[volume > 9]']);
    expect([toWords(blocks.exit_long), toWords(blocks.exit_short)]).toEqual(['', '[volume > 9]']);
    expect(blocks.simulation.size).toBe(0.5);
  });
});

describe('exits and sizes', () => {
  it.each([
    ['exit: {stop_loss: 0.05, time_limit: {hours: 12}}', { stop_loss: 0.05, max_hold_s: 43_200 }],
    ['exit: {stop_loss: null, time_limit: {candles: 8}}', { stop_loss: null, max_hold_candles: 8 }],
    ['exit: {trailing_stop: {activation_pct: 0.03, trail_pct: 0.01}}', { trailing_stop: 0.01, trailing_activation: 0.03 }],
    ['exit: {break_even: {trigger_pct: 0.02, offset_pct: 0.001}}', { break_even_trigger: 0.02, break_even_offset: 0.001 }],
    ['exit: {ladder: [{profit: 0.02, share: 0.5}]}', { ladder: [{ profit: 0.02, share: 0.5 }] }],
    ['exit: {take_profit: 0.1, scale_out: true, partial_close_pct: 0.5}', { ladder: [{ profit: 0.1, share: 0.5 }], take_profit: null }],
    ['exit: {signal_exit: {when: close < open, action: close_partial}, partial_close_pct: 0.5}', { partial_close_pct: 0.5 }],
    [
      'risk: {sizing: {type: risk_fraction, value: 0.01}, lot_size: 1, daily_loss_limit: 0.05}',
      { sizing: 'risk_fraction', size: 0.01, lot_size: 1 },
    ],
    ['costs: {fee_bps: 5, slippage_bps: 2}', { costs: { type: 'basis_points', fee_bps: 5, slippage_bps: 2 } }],
    ['simulation: {initial_capital: 500, entry_fill: signal_close}', { initial_capital: 500, entry_fill: 'signal_close' }],
  ])('%s', (text, expected) => {
    expect(toRules(`${BASE}${text}`).simulation).toMatchObject(expected);
  });

  it('takes stops and targets as distances: multiples of the average true range, or prices', () => {
    const rules = toRules(`${BASE}exit: {stop_loss: {type: atr, value: 2, period: 10}, take_profit: {type: price, value: 3 * atr(14)}}`);
    expect(rules.stop_distance?.text).toBe('2 * atr(10)');
    expect(rules.target_distance?.text).toBe('3 * atr(14)');
    expect(rules.simulation).not.toHaveProperty('stop_loss');
  });

  it('enters with limit and stop orders at a price of its own, one upon another', () => {
    const order = 'order: {type: limit, price: close - atr(14), valid_candles: 3}';
    const rules = toRules(`name: s\nentry: {when: close > open, action: buy, scale_in: true, max_positions: 3, ${order}}`);
    expect(rules).toMatchObject({ order_kind: 'limit', order_price: { text: 'close - atr(14)' } });
    expect(rules.simulation).toMatchObject({ scale_in: true, max_positions: 3, order_valid_candles: 3 });
  });
});

describe('parameters', () => {
  const PARAMETERS = `name: s
parameters:
  slow: \${fast} * \${ratio}
  fast: {default: 10, low: 5, high: 20, step: 5}
  ratio: {default: 2.5, values: [2, 2.5, 3]}
  side: long
  forgotten: 7
entry: {when: "crosses_above(sma(\${fast}), sma(slow))", action: buy}
`;

  it('come after those that they follow from, and say what can be searched', () => {
    const { rules, space, parameters, unusedParameters } = read(PARAMETERS);
    expect(rules.parameters.map(({ name }) => name)).toEqual(['fast', 'ratio', 'slow', 'side', 'forgotten']);
    expect(parameters).toEqual({ fast: 10, ratio: 2.5, side: 'long', forgotten: 7 });
    expect(space).toMatchObject([
      { kind: 'range', name: 'fast', start: 5, step: 5, count: 4 },
      { kind: 'categorical', name: 'ratio', values: [2, 2.5, 3] },
    ]);
    expect(unusedParameters).toEqual(['side', 'forgotten']);
  });

  it('have no value when they need each other in a circle', () => {
    expect(toProblems(`${BASE}parameters:\n  a: \${b}\n  b: \${c} + 1\n  c: 2 * \${a}\n`)).toEqual([
      's.yaml:4:6: parameters.a: parameters that need each other in a circle have no value: a → b → c → a',
    ]);
  });
});

describe('a strategy that cannot be right', () => {
  it('reports all its problems at once, in the order of the file', () => {
    const problems = toProblems(`name: s
dependencies: {signals: [ma_crosover]}
entry:
  wen: close > open
  action: by
exit: {stop_loss: 2}
risk: {max_drawdwn: 0.1}
`);
    expect(problems.map((problem) => problem.slice(0, problem.indexOf(': ')))).toEqual([
      ...['s.yaml:2:26', 's.yaml:4:3', 's.yaml:4:3', 's.yaml:5:11', 's.yaml:6:19', 's.yaml:7:8'],
    ]);
    for (const hint of ['ma_crossover', 'when', 'buy', 'max_drawdown']) expect(problems.join('\n')).toContain(`did you mean ${hint}`);
  });

  it.each([
    ['a word of an expression', `name: s\nentry: {when: close > opn, action: buy}`, ':2:23', 'did you mean open'],
    [
      'a word of a folded expression',
      'name: s\nentry:\n  action: buy\n  when: >\n    close > open\n    and rsii(14) < 30',
      ':6:9',
      'did you mean rsi',
    ],
    ['a word of a quoted expression', 'name: s\nentry: {action: buy, when: "close >  opn"}', ':2:38', 'open'],
    ['an indicator without brackets', 'name: s\nentry: {action: buy, when: rsi < 30}', ':2:28', 'write rsi(...)'],
    ['an unknown signal', 'name: s\nentry: {action: buy, when: {signal: macdd}}', ':2:37', 'did you mean macd'],
    ['a price where a number is needed', `${BASE}exit: {stop_loss: close}`, ':3:19', 'same on every candle'],
    ['a parameter that is not there', `${BASE}parameters: {fast: 3}\nexit: {stop_loss: "\${fats} / 100"}`, ':4:20', 'did you mean fast'],
    ['a wrong type', `${BASE}exit: {stop_loss: [1]}`, ':3:19', 'found a list'],
    ['a number out of its range', `${BASE}exit: {stop_loss: 2}`, ':3:19', '2 % is 0.02'],
    ['an infinite number', `${BASE}exit: {take_profit: .inf}`, ':3:21', 'expected a number'],
    ['an action the other way', 'name: s\nentry: {long: {when: close > open, action: sell}}', ':2:44', 'goes long'],
    [
      'entries of two sizes',
      'name: s\nentry:\n- {when: close > open, action: buy, size: 1}\n- {when: close < open, action: sell, size: 2}',
      ':4:44',
      'given twice',
    ],
    ['an exit of a side that is never entered', `${BASE}exit: {signal_exit: {short: {when: close > open}}}`, ':3:29', 'never goes short'],
    ['a part that nothing closes', `${BASE}exit: {partial_close_pct: 0.5}`, ':3:27', 'nothing closes a part'],
    ['a limit order without a price', 'name: s\nentry: {when: close > open, action: buy, order: limit}', ':2:49', 'price: close'],
    ['a range without a default', `${BASE}parameters: {a: {low: 1, high: 2}}`, ':3:17', 'default'],
    ['a parameter that is a price', `${BASE}parameters: {close: 1}`, ':3:21', 'another name'],
    ['no entry', 'name: s', ':1:1', 'entry: when to buy or sell'],
    ['no mapping', '- 1', ':1:1', 'found a list'],
    ['text that is no YAML', 'name: [', ':1:', ''],
    ['a parameter without quotes within braces', 'name: s\nentry: {action: buy, when: rsi(${a}) > 3}', ':2:', 'needs quotes'],
    ['an alias without an anchor', 'name: *x', '', 'x'],
    ['brackets without end', `name: ${'['.repeat(1000)}`, '', 'deep'],
    [
      'conditions that nest deeply',
      `name: s\nentry: {action: buy, when: ${'{any: ['.repeat(25)}close > open${']}'.repeat(25)}}`,
      ':2:',
      'nest more than 20 deep',
    ],
    ['a huge file', `name: ${'x'.repeat(300_000)}`, '', '256 KiB'],
    [
      'an alias bomb',
      `a: &a [x, x]\n${Array.from({ length: 20 }, (_, i) => `${'b'.repeat(i + 1)}: &${'b'.repeat(i + 1)} [${i === 0 ? '*a, *a' : `*${'b'.repeat(i)}, *${'b'.repeat(i)}`}]`).join('\n')}`,
      '',
      'alias',
    ],
    ['keys of prototypes', `${BASE}__proto__: {polluted: true}\nparameters: {__proto__: 1, constructor: 2}`, ':3:1', '__proto__'],
  ])('%s: place and reason', (_what, text, place, reason) => {
    const problems = toProblems(text);
    expect(problems.join('\n')).toContain(reason);
    expect(problems.some((problem) => problem.startsWith(`s.yaml${place}`))).toBe(true);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});

describe("the engine's errors", () => {
  const { explain } = read(`${BASE}parameters: {fast: 3}\nexit:\n  stop_loss: "\${fast} / 100"\n  signal_exit: {when: {signal: macd}}\n`);

  it.each([
    [{ rule: 'close > open' }, 's.yaml:2:15: bad'],
    [{ rule: '${fast} / 100' }, 's.yaml:5:14: bad'],
    [{ signal: 'macd' }, 's.yaml:6:32: bad'],
    [{ parameter: 'fast' }, 's.yaml:3:20: bad'],
    [{ field: 'stop_loss' }, 's.yaml:5:14: bad'],
    [{ setting: 'stop_loss' }, 's.yaml:5:14: bad'],
    [{ rule: 'unheard of' }, 'bad'],
  ])('%o get their place in the file', (details, expected) => {
    expect(explain(new AppError('INVALID_STRATEGY', 'bad', { details }))).toMatchObject({ message: expected, code: 'INVALID_STRATEGY' });
  });

  it('that are bugs are left alone', () => {
    const bug = new TypeError('x');
    expect(explain(bug)).toBe(bug);
  });
});
