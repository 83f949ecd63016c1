// @ts-check
/** Final capital over target × stop as a table of coloured cells. The initial capital is the neutral middle of the colours. */
import { element, part } from './elements.js';
import { formatCompact, formatCount, formatHours, formatMoney, formatMultiple, formatReturn } from './format.js';
import { makeReachable, STEPS, toRampClass } from './heat-cells.js';

/**
 * @typedef {{ tp: number[], sl: number[], hold: number[] }} Axes
 * @typedef {{ finalCapital: number[], trades: number[] }} Grid
 */

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
