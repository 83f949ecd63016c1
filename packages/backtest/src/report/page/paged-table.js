// @ts-check
/** A table of any number of rows that shows a hundred at a time: sortable by its headings, filtered by a text. */
import { element } from './elements.js';
import { formatCount } from './format.js';
import { nextDirection } from './sortable-table.js';

const PAGE_ROWS = 100;
const FILTER_PAUSE_MS = 120;

/**
 * @typedef {object} Column
 * @property {string} title
 * @property {boolean} [isNumber]
 * @property {(row: number) => number | string} value what the column is sorted by
 * @property {(row: number) => Node | string} show
 * @property {(row: number) => string} [tone] class of the cell
 *
 * @typedef {object} Rows
 * @property {number} count rows are the numbers from 0 to count - 1
 * @property {(row: number) => string} [text] what the filter looks at, lower case
 * @property {string} empty what to say when there is no row
 * @property {(row: number) => boolean} [isShown] a choice made outside of the table; `refresh` when it has changed
 * @property {(row: number) => boolean} [isChosen] the row that is marked
 *
 * @typedef {object} PagedTable
 * @property {() => void} refresh looks at `isShown` and `isChosen` again
 * @property {(row: number) => void} reveal turns to the page of the row and scrolls the table to it
 * @property {() => Uint32Array} order rows as they are filtered and sorted
 */

/**
 * @param {HTMLElement} root emptied and filled
 * @param {{ label: string, columns: readonly Column[], rows: Rows }} table
 * @returns {PagedTable}
 */
export function showPagedTable(root, { label, columns, rows }) {
  if (rows.count === 0) {
    root.replaceChildren(element('p', { class: 'empty', text: rows.empty }));
    return { refresh: () => undefined, reveal: () => undefined, order: () => allRows(0) };
  }
  const view = { order: findRows(rows, ''), first: 0, wanted: '' };
  const body = element('tbody');
  const position = element('span', { class: 'position', 'aria-live': 'polite' });
  const buttons = ['«', '‹', '›', '»'].map((text, index) =>
    element('button', { type: 'button', text, 'aria-label': ['First page', 'Previous page', 'Next page', 'Last page'][index] ?? '' }),
  );
  const draw = () => {
    drawPage({ view, body, position, buttons, columns, rows });
  };
  const headings = columns.map((column) => makeHeading(column));
  const sort = makeSorter({ view, columns, headings, draw });
  headings.forEach((heading, index) =>
    heading.querySelector('button')?.addEventListener('click', () => {
      sort(index);
    }),
  );
  buttons.forEach((button, index) => {
    button.addEventListener('click', () => {
      view.first = pageStart(view, index);
      draw();
    });
  });
  const resort = () => {
    sort(null);
  };
  const tools = element('div', { class: 'table-tools' });
  if (rows.text !== undefined && rows.count > 1) tools.append(makeFilter({ label, view, rows, resort }));
  tools.append(position, ...(rows.count > PAGE_ROWS ? [element('span', { class: 'pager' }, buttons)] : []));
  const table = element('table', {}, [element('thead', {}, [element('tr', {}, headings)]), body]);
  root.replaceChildren(tools, element('div', { class: 'scroll paged', tabindex: '0', role: 'region', 'aria-label': label }, [table]));
  draw();
  return {
    refresh: () => {
      const { first } = view;
      view.order = findRows(rows, view.wanted);
      resort();
      view.first = first < view.order.length ? first : 0;
      draw();
    },
    reveal: (row) => {
      revealRow({ view, body, row, draw });
    },
    order: () => view.order,
  };
}

/** @param {number} count */
function allRows(count) {
  return Uint32Array.from({ length: count }, (_, row) => row);
}

/** @param {Rows} rows @param {string} wanted */
function findRows({ count, text = () => '', isShown = () => true }, wanted) {
  return allRows(count).filter((row) => isShown(row) && (wanted === '' || text(row).includes(wanted)));
}

/** @param {{ view: { order: Uint32Array, first: number }, body: HTMLElement, row: number, draw: () => void }} table */
function revealRow({ view, body, row, draw }) {
  const place = view.order.indexOf(row);
  if (place < 0) return;
  view.first = Math.floor(place / PAGE_ROWS) * PAGE_ROWS;
  draw();
  const [line, frame] = [body.children[place - view.first], body.closest('.scroll')];
  if (!(line instanceof HTMLElement) || frame === null) return;
  frame.scrollTop = line.offsetTop - frame.clientHeight / 2;
}

/** @param {Column} column */
function makeHeading({ title, isNumber }) {
  return element('th', { scope: 'col', class: isNumber ? 'number' : 'text' }, [
    element('button', { type: 'button', class: 'sort', text: title }),
  ]);
}

/**
 * @param {{ view: { order: Uint32Array, first: number }, columns: readonly Column[], headings: readonly HTMLElement[], draw: () => void }} table
 * @returns {(column: number | null) => void} null: keep the order after the rows have changed
 */
function makeSorter({ view, columns, headings, draw }) {
  /** @type {{ column: number, direction: string } | null} */
  let current = null;
  const words = new Intl.Collator('en', { numeric: true });
  return (index) => {
    if (index !== null) {
      const previous = current?.column === index ? current.direction : null;
      current = { column: index, direction: nextDirection(previous, columns[index]?.isNumber ?? false) };
      for (const heading of headings) heading.removeAttribute('aria-sort');
      headings[index]?.setAttribute('aria-sort', current.direction);
    }
    const column = current === null ? undefined : columns[current.column];
    if (column !== undefined) {
      const sign = current?.direction === 'ascending' ? 1 : -1;
      const values = new Map(Array.from(view.order, (row) => [row, column.value(row)]));
      /** @type {(a: number, b: number) => number} */
      const compare = (a, b) => {
        const [left, right] = [values.get(a) ?? '', values.get(b) ?? ''];
        return typeof left === 'number' && typeof right === 'number' ? left - right : words.compare(String(left), String(right));
      };
      view.order.sort((a, b) => sign * compare(a, b) || a - b);
    }
    view.first = 0;
    draw();
  };
}

/** @param {{ label: string, view: { order: Uint32Array, wanted: string }, rows: Rows, resort: () => void }} table */
function makeFilter({ label, view, rows, resort }) {
  const input = element('input', { type: 'search', placeholder: 'Filter', 'aria-label': `Filter: ${label}` });
  let timer = 0;
  input.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      view.wanted = input.value.trim().toLowerCase();
      view.order = findRows(rows, view.wanted);
      resort();
    }, FILTER_PAUSE_MS);
  });
  return input;
}

/**
 * @param {{ order: Uint32Array, first: number }} view
 * @param {number} button first, previous, next, last
 */
function pageStart(view, button) {
  const last = Math.floor(Math.max(0, view.order.length - 1) / PAGE_ROWS) * PAGE_ROWS;
  return [0, Math.max(0, view.first - PAGE_ROWS), Math.min(last, view.first + PAGE_ROWS), last][button] ?? 0;
}

/**
 * @param {{ view: { order: Uint32Array, first: number, wanted: string }, body: HTMLElement, position: HTMLElement,
 *   buttons: readonly HTMLButtonElement[], columns: readonly Column[], rows: Rows }} page
 */
function drawPage({ view, body, position, buttons, columns, rows }) {
  const shown = view.order.subarray(view.first, view.first + PAGE_ROWS);
  body.replaceChildren(
    ...Array.from(shown, (row) =>
      element(
        'tr',
        rows.isChosen?.(row) ? { class: 'chosen', 'aria-current': 'true' } : {},
        columns.map((column) => makeCell(column, row)),
      ),
    ),
  );
  const found = view.order.length;
  const range =
    found === 0 ? 'nothing found' : `${formatCount(view.first + 1)}–${formatCount(view.first + shown.length)} of ${formatCount(found)}`;
  position.textContent = found === rows.count ? range : `${range} (filtered from ${formatCount(rows.count)})`;
  const atEnd = view.first + PAGE_ROWS >= found;
  buttons.forEach((button, index) => {
    button.disabled = index < 2 ? view.first === 0 : atEnd;
  });
}

/**
 * @param {Column} column
 * @param {number} row
 */
function makeCell(column, row) {
  const shown = column.show(row);
  const cell = element('td', { class: `${column.isNumber ? 'number' : 'text'} ${column.tone?.(row) ?? ''}` });
  cell.append(shown);
  return cell;
}
