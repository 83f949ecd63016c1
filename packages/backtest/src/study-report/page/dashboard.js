// @ts-check
/** Starts the dashboard: reads the embedded figures and lets every section follow the chosen period and selection. */
import { makeSortable } from '../../report/page/sortable-table.js';
import { part } from '../../report/page/elements.js';
import { initTheme } from '../../report/page/theme.js';
import { createBestSoFar } from './best-so-far.js';
import { createParallel } from './parallel.js';
import { createSurface } from './surface.js';
import { createTopEquity } from './top-equity.js';
import { showTrials } from './trials-table.js';

/** @param {string} id */
function section(id) {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the dashboard has no section "${id}"`);
  return found;
}

function start() {
  /** @type {unknown} */
  const parsed = JSON.parse(section('study-data').textContent);
  const data = /** @type {import('./study-data.js').StudyData} */ (parsed);
  for (const table of document.querySelectorAll('table[data-sortable]')) makeSortable(/** @type {HTMLTableElement} */ (table));
  const redraws = data.curves.length === 0 ? [] : [createTopEquity(section('equity'), data.curves)];
  if (data.number.length === 0) {
    initTheme(redrawAll(redraws));
    return;
  }
  const view = { period: data.leadingPeriod, selected: /** @type {ReadonlySet<number> | null} */ (null) };
  const drawTable = () => {
    showTrials(part(section('trials'), 'table'), data, view);
  };
  const surface = createSurface(section('surface'), data);
  const parallel = createParallel(section('parallel'), data, (selected) => {
    view.selected = selected;
    drawTable();
  });
  const choose = (/** @type {string} */ period) => {
    view.period = period;
    for (const select of periodChoices) select.value = period;
    surface(period);
    parallel.show(period);
  };
  const periodChoices = /** @type {HTMLSelectElement[]} */ ([...document.querySelectorAll('select[data-role="period"]')]);
  for (const select of periodChoices) {
    select.append(...data.periods.map((period) => new Option(period, period)));
    select.addEventListener('change', () => {
      choose(select.value);
    });
    const label = select.closest('label');
    if (label !== null) label.hidden = data.periods.length < 2;
  }
  choose(view.period);
  initTheme(redrawAll([...redraws, createBestSoFar(section('progress'), data), parallel]));
}

/** @param {readonly { redraw: () => void }[]} charts */
function redrawAll(charts) {
  return () => {
    for (const chart of charts) chart.redraw();
  };
}

start();
