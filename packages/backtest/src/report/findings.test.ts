import { describe, expect, it } from 'vitest';
import { findMainScope, toAnswer, toFindings } from './findings.ts';
import { buildOutcomeFixture, type OutcomeFixtureOptions } from './testing/outcome-fixture.ts';

const build = (options: OutcomeFixtureOptions) => buildOutcomeFixture(options).outcome;
const texts = (options: OutcomeFixtureOptions): string =>
  toFindings(build(options))
    .map(({ text }) => text)
    .join('\n');

describe('the answer', () => {
  it('tells of the group on one capital', () => {
    expect(toAnswer(build({}))).toMatch(
      /^Of 4 callers, \w+ earned money alone .* together on one capital: 10,000 became [\d,]+ \([+−][\d.]+%\) in \d+ trades, deepest drawdown/,
    );
  });

  it('names the best caller when there is no group to tell of', () => {
    const outcome = build({ mode: 'per-caller' });
    expect(toAnswer(outcome)).toContain(`The best, ${findMainScope(outcome)?.name ?? '?'}, with`);
  });

  it('does not praise settings when nothing was traded', () => {
    expect(toAnswer(build({ mode: 'optimize', withoutTrades: true }))).toBe(
      'Not one call could be traded, so no settings are better than others.',
    );
  });

  it('counts a caller without trades once among those left out', () => {
    expect(toAnswer(build({ withoutTrades: true }))).toContain('nothing was traded together: 4 no trades.');
  });
});

describe('what stands against the answer', () => {
  it('sounds the alarm first when most calls have no candles', () => {
    const [first] = toFindings(build({ callers: ['a'], callsPerCaller: 3, excludedCalls: 74 }));
    expect(first?.weight).toBe('alarm');
    expect(first?.text).toMatch(/^74 of 77 calls/);
  });

  it('always says that settings were chosen on the data they are judged on', () => {
    expect(texts({})).toContain(
      'In-sample: parameters were chosen on the same data that they are judged on, as the best of 30 combinations for each caller',
    );
  });

  it('does not speak of choosing when one combination was tried', () => {
    expect(texts({ mode: 'per-caller', grid: { tp_mults: [2], sl_mults: [0.9], max_hold_hrs: [24] } })).toContain(
      'Only one combination was tried',
    );
  });

  it('warns of few trades', () => {
    expect(texts({ mode: 'optimize', callers: ['a'], callsPerCaller: 6 })).toContain('too few to tell skill from luck');
  });

  it('counts exits that the intrabar rule decided', () => {
    expect(texts({})).toMatch(/\d+ of \d+ exits \(.*%\) happened on a candle that touched both stop and target/);
  });
});
