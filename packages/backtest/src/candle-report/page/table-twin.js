// @ts-check
/** The table that says the same as a chart. */
import { showPagedTable } from '../../report/page/paged-table.js';

/**
 * It is made each time it is opened, since what the chart shows may have changed.
 * @param {HTMLElement} twin a `details` with an empty `div`
 * @param {() => Parameters<typeof showPagedTable>[1]} toTable
 */
export function fillTwin(twin, toTable) {
  const holder = twin.querySelector('div');
  twin.addEventListener('toggle', () => {
    if (holder === null) return;
    if (twin.hasAttribute('open')) showPagedTable(holder, toTable());
    else holder.replaceChildren();
  });
}

/**
 * A column of numbers; a missing one is a dash.
 * @param {string} title
 * @param {readonly (number | null)[]} values
 * @param {(value: number) => string} format
 * @returns {import('../../report/page/paged-table.js').Column}
 */
export function figureColumn(title, values, format) {
  return {
    title,
    isNumber: true,
    value: (row) => values[row] ?? -Infinity,
    show: (row) => {
      const value = values[row];
      return typeof value === 'number' ? format(value) : '—';
    },
  };
}
