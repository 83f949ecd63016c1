// @ts-check
/** Every trial shown as a dot, and the best so far as a line above them: how the search got on. */
import { makePane, readChartColours, stepped, uPlotLibrary } from '../../report/page/chart-pane.js';
import { element, part } from '../../report/page/elements.js';
import { formatCount } from '../../report/page/format.js';
import { readColour } from '../../report/page/theme.js';
import { formatFigure, toLabel } from './figure-text.js';
import { choice, findFigure } from './study-data.js';

const HEIGHT = 280;

/**
 * @param {HTMLElement} section
 * @param {import('./study-data.js').StudyData} data
 * @returns {{ redraw: () => void }}
 */
export function createBestSoFar(section, data) {
  const root = part(section, 'chart');
  const readout = part(section, 'readout');
  const select = choice(section, 'race');
  select.append(...data.races.map(({ objective, period }, index) => new Option(`${toLabel(objective)}, ${period}`, String(index))));
  const first = data.races.findIndex((race) => race.period === data.leadingPeriod && race.objective === data.objectives[0]);
  select.value = String(Math.max(0, first));
  /** @type {import('uplot') | null} */
  let pane = null;
  const draw = () => {
    pane?.destroy();
    root.replaceChildren();
    const race = data.races[Number(select.value)];
    const isEmpty = race === undefined || race.number.length === 0;
    readout.hidden = isEmpty;
    if (isEmpty) root.append(element('p', { class: 'empty', text: 'No trial has a value for this objective.' }));
    else pane = drawRace(root, { data, race, readout });
  };
  new ResizeObserver(() => {
    pane?.setSize({ width: root.clientWidth, height: HEIGHT });
  }).observe(root);
  select.addEventListener('change', draw);
  return { redraw: draw };
}

/**
 * @param {HTMLElement} root
 * @param {{ data: import('./study-data.js').StudyData, race: import('./study-data.js').RaceData, readout: HTMLElement }} chart
 */
function drawRace(root, { data, race, readout }) {
  const values = findFigure(data, race.period, race.objective);
  const valueOf = new Map(data.number.map((number, row) => [number, values[row] ?? null]));
  const last = Math.max(0, data.trials - 1);
  const numbers = [...new Set([...data.number, ...race.number, last])].sort((a, b) => a - b);
  const dots = numbers.map((number) => valueOf.get(number) ?? null);
  const best = toBestSoFar(numbers, race);
  const colours = readChartColours();
  /** @param {number | null} index */
  const show = (index) => {
    const at = index ?? numbers.length - 1;
    const texts = [`${index === null ? 'End · trial' : 'Trial'} #${formatCount(numbers[at] ?? 0)}`];
    const dot = dots[at] ?? null;
    if (index !== null && dot !== null) texts.push(`${toLabel(race.objective)} ${formatFigure(race.objective, dot)}`);
    texts.push(`best so far ${formatFigure(race.objective, best[at])}`);
    readout.replaceChildren(...texts.map((text) => element('span', { text })));
  };
  show(null);
  return makePane(root, {
    width: Math.max(200, root.clientWidth),
    height: HEIGHT,
    title: `${toLabel(race.objective)}, ${race.period}, by number of trial`,
    colours,
    series: [
      { label: 'Trial', stroke: colours.muted, paths: () => null, points: { show: true, size: 4, width: 0, fill: readColour('--dot') } },
      { label: 'Best so far', stroke: colours.gain, width: 2, paths: stepped(), points: { show: false } },
    ],
    columns: [numbers, dots, best],
    format: (value) => formatFigure(race.objective, value),
    xAxis: 'number',
    yRange: toVisibleRange,
    onCursor: show,
  });
}

/** A little air above and below, so that no dot is cut. @param {unknown} _self @param {number} low @param {number} high @returns {[number, number]} */
function toVisibleRange(_self, low, high) {
  const range = uPlotLibrary().rangeNum(low, high, 0.08, true);
  return [range[0] ?? low, range[1] ?? high];
}

/** @param {readonly number[]} numbers @param {import('./study-data.js').RaceData} race */
function toBestSoFar(numbers, race) {
  let [next, best] = [0, /** @type {number | null} */ (null)];
  return numbers.map((number) => {
    while (next < race.number.length && (race.number[next] ?? Infinity) <= number) {
      best = race.value[next] ?? best;
      next += 1;
    }
    return best;
  });
}
