// @ts-check
/** The table of all trades: sorted by its headings, filtered by side, exit and symbol; pressing a number shows the trade on the candles. */
import { element, nameElement, part, toTone } from '../../report/page/elements.js';
import { formatDuration, formatMoney, formatNumber, formatProfit, formatReturn, formatTime } from '../../report/page/format.js';
import { showPagedTable } from '../../report/page/paged-table.js';
import { formatQuote, toSideText } from './backtest-data.js';
import { figureColumn } from './table-twin.js';

/**
 * @typedef {import('./backtest-data.js').BacktestData} BacktestData
 * @typedef {import('../../report/page/paged-table.js').Column} Column
 *
 * @typedef {object} TradeList
 * @property {(row: number | null) => void} mark turns to the row and marks it
 * @property {() => Uint32Array} order trades as they are filtered and sorted
 */

/**
 * @param {HTMLElement} section
 * @param {BacktestData} data
 * @param {{ onChoose: (row: number) => void, onFilter: (isShown: (row: number) => boolean) => void }} listeners
 * @returns {TradeList}
 */
export function createTradeList(section, data, { onChoose, onFilter }) {
  const root = part(section, 'table');
  const wanted = { side: '', reason: '', symbol: '' };
  /** @type {number | null} */
  let chosen = null;
  const { trades } = data;
  /** @param {number} row */
  const isShown = (row) =>
    (wanted.side === '' || String(trades.direction[row]) === wanted.side) &&
    (wanted.reason === '' || String(trades.reason[row]) === wanted.reason) &&
    (wanted.symbol === '' || String(trades.symbol[row]) === wanted.symbol);
  const table = showPagedTable(root, {
    label: 'Trades',
    columns: toTradeColumns(data),
    rows: { count: trades.pnl.length, empty: 'Nothing was traded.', isShown, isChosen: (row) => row === chosen },
  });
  root.addEventListener('click', (event) => {
    const row = /** @type {Element} */ (event.target).closest('button.choose')?.getAttribute('data-row');
    if (typeof row === 'string') onChoose(Number(row));
  });
  if (trades.pnl.length > 1)
    part(section, 'filters').replaceChildren(
      ...makeFilters(data, wanted, () => {
        table.refresh();
        onFilter(isShown);
      }),
    );
  return {
    mark: (row) => {
      chosen = row;
      if (row === null) table.refresh();
      else table.reveal(row);
    },
    order: table.order,
  };
}

/** @param {BacktestData} data @returns {Column[]} */
function toTradeColumns(data) {
  const { trades, symbols, reasons } = data;
  const held = trades.exitMs.map((exit, row) => exit - (trades.entryMs[row] ?? 0));
  /** @param {number} row */
  const symbolOf = (row) => symbols[trades.symbol[row] ?? 0] ?? '';
  /** @param {number} row */
  const reasonOf = (row) => reasons[trades.reason[row] ?? 0] ?? '';
  /** @param {number} row */
  const tone = (row) => toTone(trades.pnl[row] ?? 0);
  return [
    { title: 'Trade', isNumber: true, value: (row) => row, show: makeChooser },
    ...(symbols.length < 2 ? [] : [{ title: 'Symbol', value: symbolOf, show: (/** @type {number} */ row) => nameElement(symbolOf(row)) }]),
    { title: 'Side', value: (row) => toSideText(trades, row), show: (row) => toSideText(trades, row) },
    { ...figureColumn('Entry (UTC)', trades.entryMs, formatTime), isNumber: false },
    { ...figureColumn('Profit', trades.pnl, formatProfit), tone },
    { ...figureColumn('Return', trades.netReturn, formatReturn), tone },
    { title: 'Exit', value: reasonOf, show: reasonOf },
    figureColumn('Held', held, formatDuration),
    figureColumn('Entry price', trades.entryPx, formatQuote),
    figureColumn('Exit price', trades.exitPx, formatQuote),
    figureColumn('Units', trades.units, formatNumber),
    figureColumn('Costs', trades.costs, formatMoney),
    figureColumn('Worst', trades.mae, formatReturn),
    figureColumn('Best', trades.mfe, formatReturn),
    { ...figureColumn('Exit (UTC)', trades.exitMs, formatTime), isNumber: false },
  ];
}

/** @param {number} row */
function makeChooser(row) {
  return element('button', {
    type: 'button',
    class: 'choose',
    'data-row': String(row),
    'aria-label': `Show trade ${row + 1} on the candles`,
    text: String(row + 1),
  });
}

/** @param {BacktestData} data @param {{ side: string, reason: string, symbol: string }} wanted @param {() => void} onChange */
function makeFilters({ trades, reasons, symbols }, wanted, onChange) {
  /** @param {'side' | 'reason' | 'symbol'} name @param {string} title @param {readonly [value: number, text: string][]} options */
  const filter = (name, title, options) => {
    const choice = element('select', { 'data-role': `filter-${name}` }, [
      element('option', { value: '', text: 'all' }),
      ...options.map(([value, text]) => element('option', { value: String(value), text })),
    ]);
    choice.addEventListener('change', () => {
      wanted[name] = choice.value;
      onChange();
    });
    return element('label', { text: `${title} ` }, [choice]);
  };
  const sides = new Set(trades.direction);
  return [
    ...(sides.size < 2
      ? []
      : [
          filter('side', 'Side', [
            [1, 'long'],
            [-1, 'short'],
          ]),
        ]),
    ...(reasons.length < 2 ? [] : [filter('reason', 'Exit', toOptions(reasons))]),
    ...(symbols.length < 2 ? [] : [filter('symbol', 'Symbol', toOptions(symbols))]),
  ];
}

/** @param {readonly string[]} names @returns {[number, string][]} */
function toOptions(names) {
  return names.map((name, index) => [index, name]);
}
