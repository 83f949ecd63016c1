import { expect, test } from 'vitest';
import { parseLadders, parseLevelList, parseOptionalLevels, parseTargetDecays } from './parse-levels.ts';

test('a range has its end when that lies on the grid', () => {
  expect(parseLevelList('--tp-mults', ['1.05:1.07:0.005'])).toEqual([1.05, 1.055, 1.06, 1.065, 1.07]);
  expect(parseLevelList('--tp-mults', ['0.1:0.3:0.1'])).toEqual([0.1, 0.2, 0.3]);
});

test('a range stops below an end that it would step over', () => {
  expect(parseLevelList('--tp-mults', ['2:3:0.4'])).toEqual([2, 2.4, 2.8]);
});

test('numbers and ranges make one list', () => {
  expect(parseLevelList('--tp-mults', ['1.5,2:3:0.5', '7'])).toEqual([1.5, 2, 2.5, 3, 7]);
});

test('a range of thousands of levels stays exact to the digit', () => {
  const levels = parseLevelList('--tp-mults', ['1.05:6:0.005']);
  expect(levels).toHaveLength(991);
  expect(levels[3]).toBe(1.065);
  expect(levels.at(-1)).toBe(6);
});

test.each(['2:3', '3:2:0.1', '2:3:0', '1:2:3:4'])('refuses the range %s and says what a range is', (text) => {
  expect(() => parseLevelList('--tp-mults', [text])).toThrow(/--tp-mults: expected start:end:step/);
});

test('refuses a step so small that it must be a slip', () => {
  expect(() => parseLevelList('--tp-mults', ['1:2:0.00000001'])).toThrow(/at most 10000000 values/);
});

test('off stands for not having the exit', () => {
  expect(parseOptionalLevels('--trail-pcts', ['off,0.1:0.2:0.05'])).toEqual([null, 0.1, 0.15, 0.2]);
});

test('each ladder and each sequence of targets is one value of its axis', () => {
  expect(parseLadders('--ladder', ['2:0.5,4:0.25', 'off'])).toEqual([
    [
      { mult: 2, fraction: 0.5 },
      { mult: 4, fraction: 0.25 },
    ],
    null,
  ]);
  expect(parseTargetDecays('--target-decay', ['12:3,24:2'])).toEqual([
    [
      { after_hrs: 12, tp_mult: 3 },
      { after_hrs: 24, tp_mult: 2 },
    ],
  ]);
});

test('refuses a rung without a fraction', () => {
  expect(() => parseLadders('--ladder', ['2,4:0.25'])).toThrow(/--ladder: expected pairs such as 2:0.5,4:0.25, found "2,4:0.25"/);
});
