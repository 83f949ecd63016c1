// @ts-check
/** Axes of the parallel coordinates: where a value lies between the bottom (0) and the top (1) of its axis. */
import { formatFigure, formatParameter, toLabel } from './figure-text.js';
import { findFigure } from './study-data.js';

/**
 * @typedef {object} ParallelAxis
 * @property {string} title
 * @property {boolean} isNumber ranges may be typed in
 * @property {readonly import('./study-data.js').Value[]} values
 * @property {readonly (number | null)[]} places by row; null: the trial has no value
 * @property {(value: number) => number} toPlace of a number
 * @property {string} low what stands at the bottom
 * @property {string} high
 */

/** Beside parameters and the objective: what it was paid for with. */
const extraFigures = ['total_return', 'max_drawdown', 'trades'];

/** @param {import('./study-data.js').StudyData} data @param {string} period @param {string} name the figure that colours @returns {ParallelAxis[]} */
export function toParallelAxes(data, period, name) {
  const parameters = data.parameters.map((facts, index) => toParameterAxis(facts, data.params[index] ?? []));
  const figures = [...extraFigures.filter((each) => each !== name), name];
  const found = figures.flatMap((each) => {
    const values = findFigure(data, period, each);
    return values.length === 0
      ? []
      : [toNumberAxis(values, { title: toLabel(each), isLog: false, show: (value) => formatFigure(each, value) })];
  });
  return [...parameters, ...found];
}

/** @param {import('./study-data.js').ParameterFacts} facts @param {readonly import('./study-data.js').Value[]} values */
function toParameterAxis(facts, values) {
  const numbers = values.filter((value) => typeof value === 'number');
  const isNumber = numbers.length === values.filter((value) => value !== null).length;
  if (isNumber) {
    const asNumbers = values.map((value) => (typeof value === 'number' ? value : null));
    return toNumberAxis(asNumbers, { title: facts.name, isLog: facts.isLog, show: formatParameter });
  }
  const words = [...new Set(values.filter((value) => value !== null))].map(String).sort();
  const toWordPlace = (/** @type {string} */ word) => (words.length === 1 ? 0.5 : words.indexOf(word) / (words.length - 1));
  return {
    title: facts.name,
    isNumber: false,
    values,
    places: values.map((value) => (value === null ? null : toWordPlace(String(value)))),
    toPlace: () => 0.5,
    low: words[0] ?? '',
    high: words.at(-1) ?? '',
  };
}

/**
 * @param {readonly (number | null)[]} values
 * @param {{ title: string, isLog: boolean, show: (value: number) => string }} axis
 * @returns {ParallelAxis}
 */
function toNumberAxis(values, { title, isLog, show }) {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (value === null) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const scale = isLog && low > 0 ? Math.log : (/** @type {number} */ value) => value;
  const [start, length] = [scale(low), scale(high) - scale(low)];
  const toPlace = (/** @type {number} */ value) => (length > 0 ? (scale(value) - start) / length : 0.5);
  const isEmpty = low > high;
  return {
    title,
    isNumber: true,
    values,
    places: values.map((value) => (value === null ? null : toPlace(value))),
    toPlace,
    low: isEmpty ? '' : show(low),
    high: isEmpty ? '' : show(high),
  };
}
