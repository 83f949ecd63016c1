import { describe, expect, it } from 'vitest';
import { parseTime, parseWholeNumber } from './parse-flags.ts';
import { parseLevelList } from './parse-levels.ts';

describe('times in flags', () => {
  it('reads a date as the beginning of its day in UTC', () => {
    expect(parseTime('--from', '2024-01-31', 'from')).toBe(Date.UTC(2024, 0, 31));
  });

  it('includes the last day', () => {
    expect(parseTime('--to', '2024-01-31', 'to')).toBe(Date.UTC(2024, 1, 1));
  });

  it('reads a time without a zone as UTC and respects a zone', () => {
    expect(parseTime('--to', '2024-01-31T12:00', 'to')).toBe(Date.UTC(2024, 0, 31, 12));
    expect(parseTime('--to', '2024-01-31T12:00+02:00', 'to')).toBe(Date.UTC(2024, 0, 31, 10));
  });

  it.each(['yesterday', '2024-02-30', '2024-13-01', '01/02/2024', ''])('refuses "%s" and says what it expects', (text) => {
    expect(() => parseTime('--from', text, 'from')).toThrow(/--from: expected a date/);
  });
});

describe('numbers in flags', () => {
  it('takes lists with commas and with blanks', () => {
    expect(parseLevelList('--tp-mults', ['1.5,2', '3'])).toEqual([1.5, 2, 3]);
  });

  it.each(['two', '', 'NaN', 'Infinity'])('refuses "%s"', (text) => {
    expect(() => parseLevelList('--tp-mults', [text || ' , x'])).toThrow(/--tp-mults: expected a number/);
  });

  it.each(['0', '1.5', '-1'])('refuses %s where a count is expected', (text) => {
    expect(() => parseWholeNumber('--workers', text, 1)).toThrow(/--workers: expected a whole number of 1 or more/);
  });
});
