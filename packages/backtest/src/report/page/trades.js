// @ts-check
/** The trades of the choice: settings, how they ended, and every one of them. */
import { element, nameElement, part, toTone } from './elements.js';
import {
  formatCount,
  formatDuration,
  formatHours,
  formatMoney,
  formatMultiple,
  formatPrice,
  formatProfit,
  formatReturn,
  formatTime,
} from './format.js';
import { showPagedTable } from './paged-table.js';

/**
 * @param {HTMLElement} section
 * @param {import('./main.js').PageData} data
 * @param {import('./main.js').Scope | null} scope null: there is nothing to choose
 */
export function showTrades(section, data, scope) {
  if (scope === null || scope.tradesExecuted === 0) {
    part(section, 'params').textContent = '';
    part(section, 'counts').replaceChildren();
    part(section, 'table').replaceChildren(element('p', { class: 'empty', text: 'Nothing was traded.' }));
    return;
  }
  const [tp = 0, sl = 0, hold = 0] = scope.params;
  const settings = `Target ${formatMultiple(tp)}, stop ${formatMultiple(sl)}, held at most ${formatHours(hold)}${scope.further === '' ? '' : `; ${scope.further}`}`;
  part(section, 'params').textContent =
    `${settings}: ${formatMoney(data.initialCapital)} became ${formatMoney(scope.finalCapital)} (${formatReturn(scope.totalReturn)}).`;
  const trades = scope.result?.trades ?? null;
  showCounts(part(section, 'counts'), data, trades?.reason ?? []);
  const root = part(section, 'table');
  if (trades === null) {
    root.replaceChildren(element('p', { class: 'empty', text: 'The trades of this choice were not kept.' }));
    return;
  }
  const texts = data.calls.id.map((_, call) =>
    `${data.callers[data.calls.caller[call] ?? 0]} ${data.mints[data.calls.mint[call] ?? 0]} ${data.calls.id[call]}`.toLowerCase(),
  );
  showPagedTable(root, {
    label: 'Trades',
    columns: toColumns(data, trades, scope.kind !== 'caller'),
    rows: {
      count: trades.call.length,
      text: (row) => `${texts[trades.call[row] ?? 0]} ${data.exitReasons[trades.reason[row] ?? 0]}`,
      empty: 'Nothing was traded.',
    },
  });
}

/**
 * @param {HTMLElement} list
 * @param {import('./main.js').PageData} data
 * @param {readonly number[]} reasons
 */
function showCounts(list, data, reasons) {
  const counts = data.exitReasons.map((label, code) => ({ label, count: reasons.filter((reason) => reason === code).length }));
  const shown = counts.filter(({ count }) => count > 0);
  list.replaceChildren(
    ...shown.map(({ label, count }) => element('li', {}, [element('b', { text: formatCount(count) }), new Text(` ${label}`)])),
  );
}

/**
 * @param {import('./main.js').PageData} data
 * @param {import('./main.js').Trades} trades
 * @param {boolean} hasCaller
 * @returns {import('./paged-table.js').Column[]}
 */
function toColumns(data, trades, hasCaller) {
  /** @param {number} row */
  const callOf = (row) => trades.call[row] ?? 0;
  /** @param {number} row */
  const callerOf = (row) => data.callers[data.calls.caller[callOf(row)] ?? 0] ?? '';
  /** @param {number} row */
  const mintOf = (row) => data.mints[data.calls.mint[callOf(row)] ?? 0] ?? '';
  /** @param {number} row */
  const heldMs = (row) => (trades.exitMs[row] ?? 0) - (trades.entryMs[row] ?? 0);
  /** @type {(title: string, values: readonly number[], format: (value: number) => string) => import('./paged-table.js').Column} */
  const figure = (title, values, format) => ({
    title,
    isNumber: true,
    value: (row) => values[row] ?? 0,
    show: (row) => format(values[row] ?? 0),
  });
  return [
    { ...figure('Entry (UTC)', trades.entryMs, formatTime), isNumber: false },
    ...(hasCaller ? [{ title: 'Caller', value: callerOf, show: (/** @type {number} */ row) => nameElement(callerOf(row)) }] : []),
    { title: 'Instrument', value: mintOf, show: (row) => nameElement(mintOf(row)) },
    { ...figure('Profit', trades.pnl, formatProfit), tone: (row) => toTone(trades.pnl[row] ?? 0) },
    {
      title: 'Exit',
      value: (row) => data.exitReasons[trades.reason[row] ?? 0] ?? '',
      show: (row) => data.exitReasons[trades.reason[row] ?? 0] ?? '',
    },
    ...(trades.legs === null
      ? []
      : [
          {
            title: 'Parts',
            value: (/** @type {number} */ row) => trades.legs?.[row] ?? '',
            show: (/** @type {number} */ row) => trades.legs?.[row] ?? '',
          },
        ]),
    figure('Multiple', trades.multiple, formatMultiple),
    figure('Size', trades.size, formatMoney),
    figure('Entry price', trades.entryPx, formatPrice),
    figure('Exit price', trades.exitPx, formatPrice),
    { title: 'Held', isNumber: true, value: heldMs, show: (row) => formatDuration(heldMs(row)) },
    { title: 'Call', value: (row) => data.calls.id[callOf(row)] ?? '', show: (row) => nameElement(data.calls.id[callOf(row)] ?? '') },
  ];
}
