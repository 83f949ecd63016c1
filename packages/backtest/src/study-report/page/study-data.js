// @ts-check
/** The embedded figures of a study, as columns: one entry per trial shown. */
import { toLabel } from './figure-text.js';

/**
 * @typedef {number | string | boolean | null} Value
 *
 * @typedef {object} ParameterFacts
 * @property {string} name
 * @property {boolean} isLog
 * @property {boolean} isCategory
 *
 * @typedef {object} RaceData best so far of an objective: trials that were better than all before them
 * @property {string} objective
 * @property {string} period
 * @property {number[]} number
 * @property {number[]} value
 *
 * @typedef {object} CurveData
 * @property {number} number
 * @property {number} initialCapital
 * @property {number} finalCapital
 * @property {number} maxDrawdown
 * @property {number[]} ms
 * @property {number[]} equity
 *
 * @typedef {object} StudyData
 * @property {string[]} objectives
 * @property {string[]} periods
 * @property {string} leadingPeriod
 * @property {number} trials all that are recorded, shown or not
 * @property {ParameterFacts[]} parameters
 * @property {string[]} rejections
 * @property {number[]} number
 * @property {(0 | 1)[]} state 1: pruned
 * @property {number[][]} rejectedBy numbers into `rejections`
 * @property {Value[][]} params by parameter, then trial
 * @property {{ period: string, name: string, values: (number | null)[] }[]} figures
 * @property {RaceData[]} races
 * @property {CurveData[]} curves
 */

/** Smaller is better. */
const costs = new Set(['max_drawdown', 'fee_share', 'volatility']);

/** @param {string} name */
export function isCost(name) {
  return costs.has(name);
}

/** Values of a figure in a period; empty if it is not there. @param {StudyData} data @param {string} period @param {string} name */
export function findFigure(data, period, name) {
  return data.figures.find((figure) => figure.period === period && figure.name === name)?.values ?? [];
}

/** Objectives first. @param {StudyData} data @param {string} period */
export function listFigures(data, period) {
  return data.figures.filter((figure) => figure.period === period).map(({ name }) => name);
}

/** Rows from the best to the worst; undefined values last. @param {readonly (number | null)[]} values @param {boolean} isCost */
export function rankRows(values, isCost) {
  const sign = isCost ? -1 : 1;
  const worth = values.map((value) => (value === null ? -Infinity : sign * value));
  return Uint32Array.from(worth, (_, row) => row).sort((a, b) => {
    const [left, right] = [worth[a] ?? -Infinity, worth[b] ?? -Infinity];
    return left === right ? a - b : left < right ? 1 : -1;
  });
}

/**
 * @param {ParentNode} root
 * @param {string} role
 * @returns {HTMLSelectElement}
 */
export function choice(root, role) {
  const found = root.querySelector(`select[data-role="${role}"]`);
  if (!(found instanceof HTMLSelectElement)) throw new Error(`the dashboard has no choice "${role}"`);
  return found;
}

/** Fills a choice with names and keeps what was chosen if it is still there. @param {HTMLSelectElement} select @param {readonly string[]} names */
export function offer(select, names) {
  const before = select.value;
  select.replaceChildren(...names.map((name) => new Option(toLabel(name), name)));
  if (names.includes(before)) select.value = before;
}
