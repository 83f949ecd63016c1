import type { Token } from '@quantbot/core';
import { describe, expect, it } from 'vitest';
import { listNames, parseExpression, parseRule } from './expression.ts';
import { ExpressionError } from './lexemes.ts';

const toText = (tokens: readonly Token[]): string =>
  tokens.map((token) => (token.kind === 'number' ? String(token.value) : token.kind === 'name' ? token.name : token.operator)).join(' ');

describe('conditions between parameters', () => {
  it.each([
    ['fast < slow', 'fast slow <'],
    ['fast + 5 <= slow * 2', 'fast 5 + slow 2 * <='],
    ['a - b - c > 0', 'a b - c - 0 >'],
    ['(a - (b - c)) / 2 == -1.5e-3', 'a b c - - 2 / 0.0015 negate =='],
    ['a < b and b < c or not d == 1', 'a b < b c < and d 1 == not or'],
    ['a < b or c < d and e < f', 'a b < c d < e f < and or'],
    ['not (a < b or c < d)', 'a b < c d < or not'],
  ])('%s reads as %s', (text, expected) => {
    expect(toText(parseExpression(text))).toBe(expected);
  });

  it.each([
    ['fast <', 6, 'the end'],
    ['fast < slow < 3', 12, 'do not chain'],
    ['fast slow', 5, 'expected an operator'],
    ['(fast < 3', 9, 'expected ")"'],
    ['fast $ 3', 5, '"$ 3"'],
    ['', 0, 'the end'],
    ['process.exit(1)', 12, 'expected an operator'],
    ['a; b', 1, '"; b"'],
  ])('%s is refused with the place and the reason', (text, at, reason) => {
    try {
      parseExpression(text);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(ExpressionError);
      expect((error as ExpressionError).message).toContain(reason);
      expect((error as ExpressionError).at).toBe(at);
    }
  });

  it('answers endless brackets and long texts quickly', () => {
    expect(() => parseExpression('('.repeat(900))).toThrow(/nest too deeply/);
    expect(() => parseExpression(' '.repeat(100_000))).toThrow(/1000 characters/);
  });

  it('lists the names it needs', () => {
    expect(listNames(parseExpression('a + b < a * 2'))).toEqual(['a', 'b']);
  });
});

describe('rules over prices and indicators', () => {
  const toRuleText = (text: string): string =>
    parseRule(text)
      .tokens.map((token) => (token.kind === 'call' ? `${token.name}/${String(token.arguments)}` : toText([token])))
      .join(' ');

  it.each([
    ['rsi(14) < 30 and close > sma(200)', '14 rsi/1 30 < close 200 sma/1 > and'],
    ['macd.signal(12, 26, 9) > 0', '12 26 9 macd.signal/3 0 >'],
    ['macd(12, 26, 9).signal > 0', '12 26 9 macd.signal/3 0 >'],
    ['sma(close, ${fast} * 2) > vwap()', 'close fast 2 * sma/2 vwap/0 >'],
    ['crosses_above(ema(rsi(14), 9), -${level})', '14 rsi/1 9 ema/2 level negate crosses_above/2'],
    ['not ${flag} or close > open', 'flag not close open > or'],
  ])('%s reads as %s', (text, expected) => {
    expect(toRuleText(text)).toBe(expected);
  });

  it.each([
    ['sma(20', 6, 'expected "," or ")"'],
    ['sma(20,)', 7, 'found ")"'],
    ['sma(period=20)', 10, 'without names'],
    ['close = 5', 6, 'compare with =='],
    ['close > 1 && open > 1', 10, 'write and'],
    ['close[1] > 2', 5, 'previous(x, 1)'],
    ['macd.line(1, 2, 3).signal > 0', 18, 'expected one output'],
    ['close > 1e999', 8, 'finite'],
    ['${fast > 1', 0, 'write ${name}'],
  ])('%s is refused with the place and what to write instead', (text, at, reason) => {
    try {
      parseRule(text);
      expect.unreachable();
    } catch (error) {
      expect((error as ExpressionError).message).toContain(reason);
      expect((error as ExpressionError).at).toBe(at);
    }
  });

  it('says where each name stands', () => {
    const { tokens, places } = parseRule('close > sma(${slow})');
    expect(tokens.map((token, index) => [token.kind, places[index]])).toEqual([
      ['name', 0],
      ['name', 12],
      ['call', 8],
      ['operator', 6],
    ]);
  });

  it('answers calls without end quickly', () => {
    expect(() => parseRule('f('.repeat(400))).toThrow(/nest too deeply/);
  });
});
