import type { Token } from '@quantbot/core';
import { describe, expect, it } from 'vitest';
import { ExpressionError, listNames, parseExpression } from './expression.ts';

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
