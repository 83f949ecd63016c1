/** Text of flags that search exits → axes of a grid: numbers, ranges such as 1.05:6:0.005, `off`, ladders and timed targets. */
import { countSteps } from '@quantbot/backtest';
import { AppError, type LadderRung, type TargetStep } from '@quantbot/core';
import { parseNameList, parseNumber } from './parse-flags.ts';

/** In a list: compare with not having this exit at all. */
const OFF = 'off';
/** More values than any grid may have combinations are a slip of the step. */
const MAX_VALUES = 10_000_000;
/** Digits that a range keeps: 1.05 + 3 * 0.005 is meant to be 1.065. */
const RANGE_DIGITS = 12;

/** `1.5,2 3` are three numbers; `2:3:0.5` is 2, 2.5 and 3. */
export function parseLevelList(flag: string, texts: readonly string[]): number[] {
  return parseNameList(texts).flatMap((text) => (text.includes(':') ? parseRange(flag, text) : [parseNumber(flag, text)]));
}

/** A list in which `off` is null. */
export function parseOptionalLevels(flag: string, texts: readonly string[]): (number | null)[] {
  return parseNameList(texts).flatMap((text) => (text === OFF ? [null] : parseLevelList(flag, [text])));
}

/** Each text is one ladder: `2:0.5,4:0.25` sells half at twice and a quarter at four times the entry price. */
export function parseLadders(flag: string, texts: readonly string[]): (LadderRung[] | null)[] {
  return texts.map((text) =>
    text.trim() === OFF ? null : parsePairs(flag, text, '2:0.5,4:0.25').map(([mult, fraction]) => ({ mult, fraction })),
  );
}

/** Each text is one sequence of targets: `12:3,24:2` is three times the entry price after 12 hours, twice after 24. */
export function parseTargetDecays(flag: string, texts: readonly string[]): (TargetStep[] | null)[] {
  return texts.map((text) =>
    text.trim() === OFF ? null : parsePairs(flag, text, '12:3,24:2').map(([after_hrs, tp_mult]) => ({ after_hrs, tp_mult })),
  );
}

function parseRange(flag: string, text: string): number[] {
  const parts = text.split(':');
  const [start = 0, end = 0, step = 0] = parts.map((part) => parseNumber(flag, part));
  if (parts.length !== 3 || step <= 0 || start > end) {
    throw new AppError('USAGE', `${flag}: expected start:end:step with a step above 0 and start up to end, found "${text}"`);
  }
  const count = countSteps(start, end, step);
  if (count > MAX_VALUES) {
    throw new AppError(
      'USAGE',
      `${flag}: expected at most ${String(MAX_VALUES)} values, found ${String(count)} in "${text}"; use a larger step`,
    );
  }
  return Array.from({ length: count }, (_, index) => Number((start + index * step).toPrecision(RANGE_DIGITS)));
}

function parsePairs(flag: string, text: string, example: string): readonly (readonly [number, number])[] {
  return parseNameList([text]).map((pair) => {
    const [first, second, ...more] = pair.split(':');
    if (first === undefined || second === undefined || more.length > 0) {
      throw new AppError('USAGE', `${flag}: expected pairs such as ${example}, found "${text}"`);
    }
    return [parseNumber(flag, first), parseNumber(flag, second)];
  });
}
