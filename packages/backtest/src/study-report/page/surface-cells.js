// @ts-check
/** Two parameters and a figure → cells: how values of a parameter are put together, and what stands for the trials of a cell. */
import { formatParameter } from './figure-text.js';

/** Up to this many different values each has a row or column of its own. */
const MOST_VALUES = 24;
const BINS = 14;

/**
 * @typedef {object} Axis
 * @property {string[]} labels
 * @property {(value: import('./study-data.js').Value) => number} place -1: the trial does not have the parameter
 */

/**
 * @param {import('./study-data.js').ParameterFacts} facts
 * @param {readonly import('./study-data.js').Value[]} values
 * @returns {Axis}
 */
export function toAxis(facts, values) {
  const distinct = [...new Set(values.filter((value) => value !== null))];
  const numbers = distinct.filter((value) => typeof value === 'number').sort((a, b) => a - b);
  if (numbers.length === distinct.length && distinct.length > MOST_VALUES) return toBins(numbers, facts.isLog);
  const sorted = numbers.length === distinct.length ? numbers : distinct;
  const places = new Map(sorted.map((value, place) => [value, place]));
  return {
    labels: sorted.map((value) => formatParameter(value)),
    place: (value) => (value === null ? -1 : (places.get(value) ?? -1)),
  };
}

/** @param {readonly number[]} numbers sorted @param {boolean} isLog @returns {Axis} */
function toBins(numbers, isLog) {
  const scale = isLog ? Math.log : (/** @type {number} */ value) => value;
  const unscale = isLog ? Math.exp : (/** @type {number} */ value) => value;
  const [low, high] = [scale(numbers[0] ?? 0), scale(numbers.at(-1) ?? 1)];
  const width = (high - low) / BINS;
  const edge = (/** @type {number} */ index) => formatParameter(Number(unscale(low + index * width).toPrecision(3)));
  return {
    labels: Array.from({ length: BINS }, (_, index) => `${edge(index)} – ${edge(index + 1)}`),
    place: (value) => (typeof value === 'number' ? Math.min(BINS - 1, Math.max(0, Math.floor((scale(value) - low) / width))) : -1),
  };
}

/** What stands for several trials: name → words and how it is found. `isNear`: the trials of the eight neighbours count too. */
export const summaries = {
  median: { words: 'median', isNear: false, take: takeMiddle },
  best: { words: 'best', isNear: false, take: takeBest },
  worst: { words: 'worst', isNear: false, take: takeWorst },
  near: { words: 'median with neighbours (robust)', isNear: true, take: takeMiddle },
  count: { words: 'number of trials', isNear: false, take: takeCount },
};

/** @param {readonly number[]} sorted rising */
function takeMiddle(sorted) {
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}

/** @param {readonly number[]} sorted @param {boolean} isCost */
function takeBest(sorted, isCost) {
  return (isCost ? sorted[0] : sorted.at(-1)) ?? 0;
}

/** @param {readonly number[]} sorted @param {boolean} isCost */
function takeWorst(sorted, isCost) {
  return takeBest(sorted, !isCost);
}

/** @param {readonly number[]} sorted */
function takeCount(sorted) {
  return sorted.length;
}

/**
 * Rows of cells from bottom to top of `y`; null: no trial. `counts` are those of the cell alone.
 * @param {{ x: Axis, y: Axis, xValues: readonly import('./study-data.js').Value[], yValues: readonly import('./study-data.js').Value[],
 *   values: readonly (number | null)[], isCost: boolean }} input
 * @param {keyof typeof summaries} kind
 */
export function toCells({ x, y, xValues, yValues, values, isCost }, kind) {
  /** @type {number[][][]} */
  const trials = y.labels.map(() => x.labels.map(() => []));
  values.forEach((value, row) => {
    const cell = trials[y.place(yValues[row] ?? null)]?.[x.place(xValues[row] ?? null)];
    if (value !== null) cell?.push(value);
  });
  const { isNear, take } = summaries[kind];
  return trials.map((line, top) =>
    line.map((own, left) => {
      const counted = isNear && own.length > 0 ? listNear(trials, top, left) : own;
      const sorted = counted.toSorted((a, b) => a - b);
      return { value: sorted.length === 0 ? null : take(sorted, isCost), count: own.length };
    }),
  );
}

/** @param {readonly number[][][]} trials @param {number} top @param {number} left */
function listNear(trials, top, left) {
  return [-1, 0, 1].flatMap((down) => [-1, 0, 1].flatMap((right) => trials[top + down]?.[left + right] ?? []));
}
