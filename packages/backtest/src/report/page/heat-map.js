// @ts-check
/** Final capital over target × stop as a table of coloured cells. The initial capital is the neutral middle of the colours. */
import { element, part } from './elements.js';
import { formatCompact, formatCount, formatHours, formatMoney, formatMultiple, formatReturn } from './format.js';
import { makeReachable } from './heat-cells.js';
import { STEPS, toRampClass } from './ramp.js';

/**
 * @typedef {{ tp: number[], sl: number[], hold: number[], further: string[][] }} Axes `further`: the other axes as text, in grid order
 * @typedef {{ finalCapital: number[], trades: number[] }} Grid
 * @typedef {{ tp: string[], sl: string[], finalCapital: number[], trades: number[] }} Overview a large grid in buckets
 * @typedef {{ settings: string, score: number, cells: number, index: number }} Plateau
 * @typedef {{ grid: Grid | null, overview: Overview | null, plateau: Plateau | null }} Searched
 *
 * @typedef {object} Map what is drawn: rows × columns of cells, `-1` where no cell is the best or the plateau
 * @property {string[]} rows
 * @property {string[]} columns
 * @property {string} others the other parameters, in words
 * @property {number[]} finalCapital
 * @property {number[]} trades
 * @property {number} best
 * @property {number} plateau
 * @property {number} largest deviation from the initial capital in the whole grid
 */

/**
 * @param {HTMLElement} section
 * @param {{ axes: Axes, initialCapital: number }} context
 * @returns {(searched: Searched | null) => void}
 */
export function createHeatMap(section, { axes, initialCapital }) {
  const root = part(section, 'map');
  const tip = element('div', { class: 'tip', role: 'status', hidden: '' });
  section.append(tip);
  const inner = [axes.hold.map(formatHours), ...axes.further];
  /** @type {(HTMLSelectElement | null)[]} */
  const choices = inner.map((_, axis) => section.querySelector(axis === 0 ? '[data-role="hold"]' : `[data-role="further-${axis - 1}"]`));
  choices.forEach((choice, axis) => {
    choice?.append(...(inner[axis] ?? []).map((text, index) => element('option', { value: String(index), text })));
  });
  /** @type {Searched | null} */
  let current = null;
  const draw = () => {
    tip.hidden = true;
    const chosen = choices.map((choice) => Number(choice?.value ?? 0));
    const map = current === null ? null : toMap(current, { axes, inner, chosen, initialCapital });
    for (const choice of choices) choice?.closest('label')?.toggleAttribute('hidden', current?.grid === null);
    if (map === null) root.replaceChildren(element('p', { class: 'empty', text: 'No grid was searched for this choice.' }));
    else root.replaceChildren(...drawMap(map, { initialCapital, tip }), ...drawNotes(current, initialCapital));
  };
  for (const choice of choices) choice?.addEventListener('change', draw);
  return (searched) => {
    current = searched;
    if (searched?.grid) chooseBest(findBest(searched.grid.finalCapital), inner, choices);
    draw();
  };
}

/** First of the highest, as the engine ranks ties. @param {number[]} finalCapital */
function findBest(finalCapital) {
  return finalCapital.reduce((best, capital, index) => (capital > (finalCapital[best] ?? -Infinity) ? index : best), 0);
}

/** Sets the choices to those of one combination. @param {number} index @param {string[][]} inner @param {(HTMLSelectElement | null)[]} choices */
function chooseBest(index, inner, choices) {
  let rest = index;
  for (let axis = inner.length - 1; axis >= 0; axis -= 1) {
    const size = inner[axis]?.length ?? 1;
    const choice = choices[axis];
    if (choice) choice.value = String(rest % size);
    rest = Math.floor(rest / size);
  }
}

/**
 * @param {Searched} searched
 * @param {{ axes: Axes, inner: string[][], chosen: number[], initialCapital: number }} context
 * @returns {Map | null}
 */
function toMap({ grid, overview, plateau }, { axes, inner, chosen, initialCapital }) {
  /** @type {(values: number[]) => number} */
  const toLargest = (values) => values.reduce((most, capital) => Math.max(most, Math.abs(capital - initialCapital)), 0);
  if (overview !== null) {
    const others = 'best of all other parameters';
    const best = findBest(overview.finalCapital);
    return { ...overview, rows: overview.tp, columns: overview.sl, others, best, plateau: -1, largest: toLargest(overview.finalCapital) };
  }
  if (grid === null) return null;
  const size = inner.reduce((product, options) => product * options.length, 1);
  const offset = chosen.reduce((position, option, axis) => position * (inner[axis]?.length ?? 1) + option, 0);
  /** @type {(index: number) => number} */
  const toCell = (index) => (index >= 0 && index % size === offset ? Math.floor(index / size) : -1);
  /** @type {(values: number[]) => number[]} */
  const pick = (values) => Array.from({ length: axes.tp.length * axes.sl.length }, (_, cell) => values[cell * size + offset] ?? 0);
  const further = inner.slice(1).map((options, axis) => (options.length > 1 ? (options[chosen[axis + 1] ?? 0] ?? '') : ''));
  return {
    rows: axes.tp.map(formatMultiple),
    columns: axes.sl.map(formatMultiple),
    others: [`hold ${inner[0]?.[chosen[0] ?? 0] ?? ''}`, ...further.filter(Boolean)].join(', '),
    finalCapital: pick(grid.finalCapital),
    trades: pick(grid.trades),
    best: grid.trades.some((trades) => trades > 0) ? toCell(findBest(grid.finalCapital)) : -1,
    plateau: toCell(plateau?.index ?? -1),
    largest: toLargest(grid.finalCapital),
  };
}

/** @param {Map} map @param {{ initialCapital: number, tip: HTMLElement }} context */
function drawMap(map, { initialCapital, tip }) {
  const rows = map.rows.map((target, row) => {
    const cells = map.columns.map((stop, column) => {
      const index = row * map.columns.length + column;
      const capital = map.finalCapital[index] ?? initialCapital;
      const isBest = index === map.best;
      const isPlateau = index === map.plateau;
      const marks = `${isBest ? ', the best' : ''}${isPlateau ? ', the best plateau' : ''}`;
      return element('td', {
        class: `${toRampClass(capital - initialCapital, map.largest)}${isBest ? ' best' : ''}${isPlateau ? ' plateau' : ''}`,
        tabindex: '-1',
        'aria-label': `target ${target}, stop ${stop}, ${map.others}: ${formatMoney(capital)} (${formatReturn(capital / initialCapital - 1)}), ${formatCount(map.trades[index] ?? 0)} trades${marks}`,
        text: formatCompact(capital),
      });
    });
    return element('tr', {}, [element('th', { scope: 'row', text: target }), ...cells]);
  });
  const heading = element('tr', {}, [
    element('th', { class: 'corner', text: 'target ↓ stop →' }),
    ...map.columns.map((stop) => element('th', { scope: 'col', text: stop })),
  ]);
  const table = element('table', { class: 'heat', role: 'grid', 'aria-label': 'Final capital by target and stop' }, [
    element('thead', {}, [heading]),
    element('tbody', {}, rows),
  ]);
  const frame = element('div', { class: 'scroll' }, [table]);
  makeReachable(table, tip);
  return [frame, drawLegend(map.largest, initialCapital)];
}

/** What the map cannot show: the best neighbourhood, and what a bucket is. @param {Searched | null} searched @param {number} initialCapital */
function drawNotes(searched, initialCapital) {
  const plateau = searched?.plateau ?? null;
  return [
    ...(searched?.overview
      ? [
          element('p', {
            class: 'lead',
            text: 'The grid is too large to be drawn whole: each cell is the best of its targets and stops, whatever the other parameters.',
          }),
        ]
      : []),
    ...(plateau === null
      ? []
      : [
          element('p', {
            class: 'lead',
            text: `◆ Best plateau: ${plateau.settings}. With its neighbours (${formatCount(plateau.cells)} combinations) it ends at ${formatMoney(plateau.score)} on average (${formatReturn(plateau.score / initialCapital - 1)}).`,
          }),
        ]),
  ];
}

/**
 * @param {number} largest
 * @param {number} initialCapital
 */
function drawLegend(largest, initialCapital) {
  const steps = Array.from({ length: 2 * STEPS + 1 }, (_, index) => element('i', { class: toRampClass(index - STEPS, STEPS) }));
  const ends = [Math.max(0, initialCapital - largest), initialCapital, initialCapital + largest].map((value) =>
    element('span', { text: formatCompact(value) }),
  );
  return element('div', { class: 'legend' }, [
    element('div', { class: 'steps', 'aria-hidden': 'true' }, steps),
    element('div', { class: 'ends' }, ends),
    element('p', { text: 'Middle: the initial capital. ★ the best combination.' }),
  ]);
}
