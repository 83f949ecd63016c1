// @ts-check
/** Sorts tables that came with the page when a heading is pressed. Cells carry their value in `data-value`. */

/** @param {HTMLTableElement} table */
export function makeSortable(table) {
  const headings = [...table.querySelectorAll('thead th')];
  headings.forEach((heading, column) => {
    heading.querySelector('button')?.addEventListener('click', () => {
      const isNumber = heading.getAttribute('data-kind') === 'number';
      const previous = heading.getAttribute('aria-sort');
      const direction = nextDirection(previous, isNumber);
      for (const other of headings) other.removeAttribute('aria-sort');
      heading.setAttribute('aria-sort', direction);
      sortRows(table, { column, isNumber, sign: direction === 'ascending' ? 1 : -1 });
    });
  });
}

/**
 * Numbers begin with the largest, words with the first.
 * @param {string | null} previous
 * @param {boolean} isNumber
 */
export function nextDirection(previous, isNumber) {
  if (previous === null) return isNumber ? 'descending' : 'ascending';
  return previous === 'ascending' ? 'descending' : 'ascending';
}

/**
 * @param {HTMLTableElement} table
 * @param {{ column: number, isNumber: boolean, sign: number }} order
 */
function sortRows(table, { column, isNumber, sign }) {
  const body = table.tBodies[0];
  if (body === undefined) return;
  const rows = [...body.rows].map((row) => ({ row, value: row.cells[column]?.getAttribute('data-value') ?? '' }));
  const words = new Intl.Collator('en', { numeric: true });
  rows.sort((a, b) => sign * (isNumber ? Number(a.value) - Number(b.value) : words.compare(a.value, b.value)));
  body.append(...rows.map(({ row }) => row));
}
