// @ts-check
/** Final capital over target × stop as a table of coloured cells. The initial capital is the neutral middle of the colours. */
import { element, part } from './elements.js';
import { formatCompact, formatCount, formatHours, formatMoney, formatMultiple, formatReturn } from './format.js';

/** Colours to each side of the middle; page.css has one class for each. */
const STEPS = 6;

/**
 * @typedef {{ tp: number[], sl: number[], hold: number[] }} Axes
 * @typedef {{ finalCapital: number[], trades: number[] }} Grid
 */

/**
 * The class of a cell. A deviation, however small, is never shown as neutral.
 * @param {number} deviation from the initial capital
 * @param {number} largest deviation of the grid, in size
 */
export function toRampClass(deviation, largest) {
  if (deviation === 0 || largest === 0) return 'ramp-0';
  const step = Math.min(STEPS, Math.max(1, Math.ceil((Math.abs(deviation) / largest) * STEPS)));
  return deviation > 0 ? `ramp-gain-${step}` : `ramp-loss-${step}`;
}

/**
 * @param {HTMLElement} section
 * @param {{ axes: Axes, initialCapital: number }} context
 * @returns {(grid: Grid | null) => void}
 */
export function createHeatMap(section, { axes, initialCapital }) {
  const root = part(section, 'map');
  const tip = element('div', { class: 'tip', role: 'status', hidden: '' });
  section.append(tip);
  /** @type {HTMLSelectElement | null} */
  const holdChoice = section.querySelector('[data-role="hold"]');
  holdChoice?.append(...axes.hold.map((hold, index) => element('option', { value: String(index), text: formatHours(hold) })));
  /** @type {Grid | null} */
  let current = null;
  const draw = () => {
    tip.hidden = true;
    if (current === null) root.replaceChildren(element('p', { class: 'empty', text: 'No grid was searched for this choice.' }));
    else root.replaceChildren(...drawMap({ grid: current, axes, initialCapital, hold: Number(holdChoice?.value ?? 0), tip }));
  };
  holdChoice?.addEventListener('change', draw);
  return (grid) => {
    current = grid;
    if (grid !== null && holdChoice !== null) holdChoice.value = String(findBest(grid) % axes.hold.length);
    draw();
  };
}

/** First of the highest, as the engine ranks ties. @param {Grid} grid */
function findBest(grid) {
  return grid.finalCapital.reduce((best, capital, index) => (capital > (grid.finalCapital[best] ?? -Infinity) ? index : best), 0);
}

/** @param {{ grid: Grid, axes: Axes, initialCapital: number, hold: number, tip: HTMLElement }} map */
function drawMap({ grid, axes, initialCapital, hold, tip }) {
  const largest = grid.finalCapital.reduce((most, capital) => Math.max(most, Math.abs(capital - initialCapital)), 0);
  const best = findBest(grid);
  const isTraded = grid.trades.some((trades) => trades > 0);
  const rows = axes.tp.map((tp, tpIndex) => {
    const cells = axes.sl.map((sl, slIndex) => {
      const index = (tpIndex * axes.sl.length + slIndex) * axes.hold.length + hold;
      const capital = grid.finalCapital[index] ?? initialCapital;
      const isBest = isTraded && index === best;
      const words = `target ${formatMultiple(tp)}, stop ${formatMultiple(sl)}, hold ${formatHours(axes.hold[hold] ?? 0)}: ${formatMoney(capital)} (${formatReturn(capital / initialCapital - 1)}), ${formatCount(grid.trades[index] ?? 0)} trades${isBest ? ', the best' : ''}`;
      return element('td', {
        class: `${toRampClass(capital - initialCapital, largest)}${isBest ? ' best' : ''}`,
        tabindex: '-1',
        'aria-label': words,
        text: formatCompact(capital),
      });
    });
    return element('tr', {}, [element('th', { scope: 'row', text: formatMultiple(tp) }), ...cells]);
  });
  const heading = element('tr', {}, [
    element('th', { class: 'corner', text: 'target ↓ stop →' }),
    ...axes.sl.map((sl) => element('th', { scope: 'col', text: formatMultiple(sl) })),
  ]);
  const table = element('table', { class: 'heat', role: 'grid', 'aria-label': 'Final capital by target and stop' }, [
    element('thead', {}, [heading]),
    element('tbody', {}, rows),
  ]);
  const frame = element('div', { class: 'scroll' }, [table]);
  makeReachable(table, tip);
  return [frame, drawLegend(largest, initialCapital)];
}

/**
 * One tab stop, arrows inside; pointing or focusing shows the figures.
 * @param {HTMLTableElement} table
 * @param {HTMLElement} tip
 */
function makeReachable(table, tip) {
  const cells = [...table.querySelectorAll('td')];
  const columns = table.tBodies[0]?.rows[0]?.querySelectorAll('td').length ?? 1;
  const first = table.querySelector('td.best') ?? cells[0];
  first?.setAttribute('tabindex', '0');
  const moves = new Map([
    ['ArrowLeft', -1],
    ['ArrowRight', 1],
    ['ArrowUp', -columns],
    ['ArrowDown', columns],
  ]);
  table.addEventListener('keydown', (event) => {
    const at = cells.indexOf(/** @type {HTMLTableCellElement} */ (event.target));
    const next = cells[at + (moves.get(event.key) ?? 0)];
    if (at < 0 || next === undefined || !moves.has(event.key)) return;
    event.preventDefault();
    cells[at]?.setAttribute('tabindex', '-1');
    next.setAttribute('tabindex', '0');
    next.focus();
  });
  for (const kind of ['pointerover', 'focusin']) {
    table.addEventListener(kind, (event) => {
      showTip(/** @type {Element} */ (event.target).closest('td'), tip);
    });
  }
  for (const kind of ['pointerleave', 'focusout'])
    table.addEventListener(kind, () => {
      showTip(null, tip);
    });
}

/**
 * @param {HTMLElement | null} cell
 * @param {HTMLElement} tip
 */
function showTip(cell, tip) {
  tip.hidden = cell === null;
  if (cell === null) return;
  tip.textContent = cell.getAttribute('aria-label');
  const box = cell.getBoundingClientRect();
  const left = Math.min(innerWidth - tip.offsetWidth - 8, Math.max(8, box.left + box.width / 2 - tip.offsetWidth / 2));
  tip.style.left = `${left}px`;
  tip.style.top = `${box.top > tip.offsetHeight + 60 ? box.top - tip.offsetHeight - 6 : box.bottom + 6}px`;
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
