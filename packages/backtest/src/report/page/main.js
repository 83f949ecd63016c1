// @ts-check
/** Starts the page: reads the embedded figures and lets every section follow the chosen caller or group. */
import { createCapitalChart } from './capital-chart.js';
import { element } from './elements.js';
import { formatCount } from './format.js';
import { createHeatMap } from './heat-map.js';
import { showNotTraded } from './not-traded.js';
import { makeSortable } from './sortable-table.js';
import { initTheme } from './theme.js';
import { showTrades } from './trades.js';

/**
 * @typedef {object} Trades columns, one entry per trade; `call` and `reason` are numbers into the lists of PageData
 * @property {number[]} call
 * @property {number[]} entryMs
 * @property {number[]} exitMs
 * @property {number[]} entryPx
 * @property {number[]} exitPx
 * @property {number[]} size
 * @property {number[]} pnl
 * @property {number[]} multiple
 * @property {number[]} reason
 * @property {string[] | null} legs null without a ladder
 *
 * @typedef {object} Result
 * @property {number} maxDrawdown
 * @property {number} ambiguousExits
 * @property {{ ms: number[], equity: number[] }} curve
 * @property {Trades} trades
 * @property {{ call: number[], reason: number[] }} skipped
 *
 * @typedef {object} Scope
 * @property {'group' | 'all' | 'caller'} kind
 * @property {string} name
 * @property {number[]} params target, stop, hold
 * @property {number} finalCapital
 * @property {number} totalReturn
 * @property {number} tradesExecuted
 * @property {string} further exits beside these three, in words; may be empty
 * @property {import('./heat-map.js').Grid | null} grid
 * @property {import('./heat-map.js').Plateau | null} plateau
 * @property {import('./heat-map.js').Overview | null} overview
 * @property {Result | null} result
 *
 * @typedef {object} PageData
 * @property {number} initialCapital
 * @property {import('./heat-map.js').Axes} grid
 * @property {string[]} exitReasons
 * @property {string[]} notTradedReasons
 * @property {string[]} notTradedMeanings
 * @property {number} mainScope
 * @property {Scope[]} scopes
 * @property {{ call: number[], reason: number[] }} excluded
 * @property {{ id: string[], ms: (number | null)[], caller: number[], mint: number[] }} calls
 * @property {string[]} callers
 * @property {string[]} mints
 */

/** @param {string} id */
function section(id) {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the report has no section "${id}"`);
  return found;
}

function start() {
  /** @type {unknown} */
  const parsed = JSON.parse(section('report-data').textContent);
  const data = /** @type {PageData} */ (parsed);
  const chart = createCapitalChart(section('capital'), data.initialCapital);
  const heatMap = createHeatMap(section('heat-map'), { axes: data.grid, initialCapital: data.initialCapital });
  const choices = /** @type {HTMLSelectElement[]} */ ([...document.querySelectorAll('[data-role="scope"]')]);
  fillChoices(choices, data);
  /** @param {number} index */
  const choose = (index) => {
    const scope = data.scopes[index] ?? null;
    const mapped = scope !== null && isSearched(scope) ? index : bestSearched(data);
    for (const choice of choices) choice.value = String(choice.closest('#heat-map') === null ? index : mapped);
    chart.show(scope?.result?.curve ?? null);
    heatMap(data.scopes[mapped] ?? null);
    showTrades(section('trades'), data, scope);
    showNotTraded(section('not-traded'), data, scope);
    markChosen(scope);
  };
  for (const choice of choices)
    choice.addEventListener('change', () => {
      choose(Number(choice.value));
    });
  for (const table of document.querySelectorAll('table[data-sortable]')) makeSortable(/** @type {HTMLTableElement} */ (table));
  document.getElementById('callers-table')?.addEventListener('click', (event) => {
    const caller = /** @type {Element} */ (event.target).closest('button.choose')?.getAttribute('data-caller');
    if (typeof caller !== 'string') return;
    choose(data.scopes.findIndex(({ kind, name }) => kind === 'caller' && name === caller));
    section('capital').scrollIntoView({ behavior: matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth' });
  });
  initTheme(chart.redraw);
  choose(data.mainScope);
}

/** @param {Scope} scope */
function isSearched(scope) {
  return scope.grid !== null || scope.overview !== null;
}

/** The heat map needs a searched grid, which the group has not: then it shows the caller that earned most. @param {PageData} data */
function bestSearched(data) {
  const searched = data.scopes.map((scope, index) => ({ index, capital: isSearched(scope) ? scope.finalCapital : -Infinity }));
  return searched.reduce((best, each) => (each.capital > best.capital ? each : best), { index: 0, capital: -Infinity }).index;
}

/**
 * @param {readonly HTMLSelectElement[]} choices
 * @param {PageData} data
 */
function fillChoices(choices, data) {
  for (const choice of choices) {
    const isHeatMap = choice.closest('#heat-map') !== null;
    const callers = element('optgroup', { label: 'Callers' });
    data.scopes.forEach((scope, index) => {
      if (isHeatMap && !isSearched(scope)) return;
      const option = element('option', { value: String(index), text: toTitle(scope) });
      if (scope.kind === 'caller') callers.append(option);
      else choice.append(option);
    });
    if (callers.children.length > 0) choice.append(callers);
    const label = choice.closest('label');
    if (label !== null) label.hidden = choice.querySelectorAll('option').length < 2 && data.scopes[0]?.kind !== 'caller';
  }
}

/** @param {Scope} scope */
function toTitle(scope) {
  const trades = `${formatCount(scope.tradesExecuted)} ${scope.tradesExecuted === 1 ? 'trade' : 'trades'}`;
  if (scope.kind === 'group') return `the group (${trades})`;
  if (scope.kind === 'all') return `all calls, best combination (${trades})`;
  return `${scope.name} (${trades})`;
}

/** @param {Scope | null} scope */
function markChosen(scope) {
  for (const button of document.querySelectorAll('button.choose')) {
    const isChosen = scope?.kind === 'caller' && button.getAttribute('data-caller') === scope.name;
    button.closest('tr')?.classList.toggle('chosen', isChosen);
    if (isChosen) button.setAttribute('aria-current', 'true');
    else button.removeAttribute('aria-current');
  }
}

start();
