// @ts-check
/** What all heat maps share: moving between cells with the arrows, and the tip of a cell. */

/**
 * One tab stop, arrows inside; pointing or focusing shows the figures.
 * @param {HTMLTableElement} table
 * @param {HTMLElement} tip
 */
export function makeReachable(table, tip) {
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
