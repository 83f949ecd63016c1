// @ts-check
/** The trials shown as one sortable table with badges: who was rejected and why, who was pruned, who leads for an objective. */
import { element } from '../../report/page/elements.js';
import { showPagedTable } from '../../report/page/paged-table.js';
import { formatFigure, formatParameter, toLabel } from './figure-text.js';
import { findFigure, listFigures, rankRows } from './study-data.js';

/** Shown after the objectives; the rest is in the files. */
const tableMetrics = ['total_return', 'final_balance', 'max_drawdown', 'sharpe_ratio', 'win_rate', 'profit_factor', 'trades', 'fee_share'];

/**
 * @param {HTMLElement} root
 * @param {import('./study-data.js').StudyData} data
 * @param {{ period: string, selected: ReadonlySet<number> | null }} view rows to show, null: all
 */
export function showTrials(root, data, { period, selected }) {
  const ranked = rankRows(findFigure(data, period, data.objectives[0] ?? ''), false);
  const rows = selected === null ? ranked : ranked.filter((row) => selected.has(row));
  const leaders = findLeaders(data, period);
  const names = listFigures(data, period).filter((name) => data.objectives.includes(name) || tableMetrics.includes(name));
  /** @param {number} place */
  const at = (place) => rows[place] ?? 0;
  showPagedTable(root, {
    label: `Trials, ${period}`,
    columns: [
      {
        title: 'Trial',
        isNumber: true,
        value: (place) => data.number[at(place)] ?? 0,
        show: (place) => `#${data.number[at(place)] ?? 0}`,
      },
      {
        title: 'Status',
        value: (place) => toStatus(data, at(place)).join(' '),
        show: (place) => makeBadges(toStatus(data, at(place)), leaders.get(at(place)) ?? []),
      },
      ...names.map((name) => toFigureColumn(name, findFigure(data, period, name), at)),
      ...data.parameters.map(({ name }, index) => toParameterColumn(name, data.params[index] ?? [], at)),
    ],
    rows: {
      count: rows.length,
      text: (place) =>
        toStatus(data, at(place))
          .concat(leaders.get(at(place)) ?? [], `#${data.number[at(place)] ?? 0}`)
          .join(' ')
          .toLowerCase(),
      empty: 'No trial is selected.',
    },
  });
}

/**
 * @param {string} name
 * @param {readonly (number | null)[]} values
 * @param {(place: number) => number} at
 * @returns {import('../../report/page/paged-table.js').Column}
 */
function toFigureColumn(name, values, at) {
  return {
    title: toLabel(name),
    isNumber: true,
    value: (place) => values[at(place)] ?? -Infinity,
    show: (place) => formatFigure(name, values[at(place)]),
  };
}

/**
 * @param {string} name
 * @param {readonly import('./study-data.js').Value[]} values
 * @param {(place: number) => number} at
 * @returns {import('../../report/page/paged-table.js').Column}
 */
function toParameterColumn(name, values, at) {
  const isNumber = values.every((value) => value === null || typeof value === 'number');
  return {
    title: name,
    isNumber,
    value: (place) => {
      const value = values[at(place)] ?? null;
      return typeof value === 'number' ? value : isNumber ? -Infinity : String(value ?? '');
    },
    show: (place) => formatParameter(values[at(place)] ?? undefined),
  };
}

/** `accepted`, or every reason against it. @param {import('./study-data.js').StudyData} data @param {number} row */
function toStatus(data, row) {
  const reasons = (data.rejectedBy[row] ?? []).map((reason) => data.rejections[reason] ?? '');
  const state = data.state[row] === 1 ? ['pruned'] : [];
  return reasons.length + state.length === 0 ? ['accepted'] : [...state, ...reasons];
}

/** Who is best for an objective of the period: row → titles. @param {import('./study-data.js').StudyData} data @param {string} period */
function findLeaders(data, period) {
  /** @type {Map<number, string[]>} */
  const leaders = new Map();
  for (const race of data.races) {
    if (race.period !== period) continue;
    const row = data.number.indexOf(race.number.at(-1) ?? -1);
    if (row >= 0) leaders.set(row, [...(leaders.get(row) ?? []), `best ${toLabel(race.objective)}`]);
  }
  return leaders;
}

/** @param {readonly string[]} status @param {readonly string[]} titles */
function makeBadges(status, titles) {
  const kind = status[0] === 'accepted' ? 'accepted' : 'rejected';
  return element('span', { class: 'badges' }, [
    ...titles.map((text) => element('span', { class: 'badge best', text: `★ ${text}` })),
    ...status.map((text) => element('span', { class: `badge ${text === 'pruned' ? 'pruned' : kind}`, text })),
  ]);
}
