// @ts-check
/** The calls that were not traded: those that the choice skipped, then those that the plan left out. */
import { element, nameElement, part } from './elements.js';
import { formatCount, formatTime } from './format.js';
import { showPagedTable } from './paged-table.js';

/**
 * @param {HTMLElement} section
 * @param {import('./main.js').PageData} data
 * @param {import('./main.js').Scope | null} scope
 */
export function showNotTraded(section, data, scope) {
  const skipped = scope?.result?.skipped ?? { call: [], reason: [] };
  showSkippedReasons(part(section, 'skipped-reasons'), data, skipped.reason);
  const calls = [...skipped.call, ...data.excluded.call];
  const reasons = [...skipped.reason, ...data.excluded.reason];
  /** @param {number} row */
  const when = (row) => (row < skipped.call.length ? 'when it came' : 'before the start');
  /** @param {number} row */
  const reason = (row) => data.notTradedReasons[reasons[row] ?? 0] ?? '';
  /** @param {number} row */
  const caller = (row) => data.callers[data.calls.caller[calls[row] ?? 0] ?? 0] ?? '';
  /** @param {number} row */
  const mint = (row) => data.mints[data.calls.mint[calls[row] ?? 0] ?? 0] ?? '';
  /** @param {number} row */
  const id = (row) => data.calls.id[calls[row] ?? 0] ?? '';
  /** @param {number} row */
  const ms = (row) => data.calls.ms[calls[row] ?? 0] ?? 0;
  showPagedTable(part(section, 'table'), {
    label: 'Calls that were not traded',
    columns: [
      { title: 'Call time (UTC)', value: ms, show: (row) => (ms(row) === 0 ? '–' : formatTime(ms(row))) },
      { title: 'Caller', value: caller, show: (row) => nameElement(caller(row)) },
      { title: 'Instrument', value: mint, show: (row) => nameElement(mint(row)) },
      { title: 'Reason', value: reason, show: reason },
      { title: 'When', value: when, show: when },
      { title: 'Call', value: id, show: (row) => nameElement(id(row)) },
    ],
    rows: {
      count: calls.length,
      text: (row) => `${caller(row)} ${mint(row)} ${id(row)} ${reason(row)}`.toLowerCase(),
      empty: 'Every call was traded.',
    },
  });
}

/**
 * @param {HTMLElement} body
 * @param {import('./main.js').PageData} data
 * @param {readonly number[]} reasons
 */
function showSkippedReasons(body, data, reasons) {
  const rows = data.notTradedReasons.map((label, code) => ({
    label,
    meaning: data.notTradedMeanings[code] ?? '',
    count: reasons.filter((reason) => reason === code).length,
  }));
  body.replaceChildren(
    ...rows
      .filter(({ count }) => count > 0)
      .sort((a, b) => b.count - a.count)
      .map(({ label, meaning, count }) =>
        element('tr', {}, [
          element('td', { text: 'when it came' }),
          element('th', { scope: 'row', text: label }),
          element('td', { class: 'number', text: formatCount(count) }),
          element('td', { class: 'prose', text: meaning }),
        ]),
      ),
  );
}
