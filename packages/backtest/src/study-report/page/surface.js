// @ts-check
/** Two parameters against each other: a table of coloured cells whose middle colour is the median of the cells. */
import { element, part } from '../../report/page/elements.js';
import { formatCount } from '../../report/page/format.js';
import { makeReachable } from '../../report/page/heat-cells.js';
import { STEPS, toRampClass } from '../../report/page/ramp.js';
import { formatFigure, toLabel } from './figure-text.js';
import { choice, findFigure, isCost, listFigures, offer } from './study-data.js';
import { summaries, toAxis, toCells } from './surface-cells.js';

/**
 * @param {HTMLElement} section
 * @param {import('./study-data.js').StudyData} data
 * @returns {(period: string) => void}
 */
export function createSurface(section, data) {
  const root = part(section, 'map');
  const tip = element('div', { class: 'tip', role: 'status', hidden: '' });
  section.append(tip);
  const [xChoice, yChoice, figureChoice, kindChoice] = [
    choice(section, 'x'),
    choice(section, 'y'),
    choice(section, 'figure'),
    choice(section, 'kind'),
  ];
  const names = data.parameters.map(({ name }) => name);
  const varied = data.parameters.filter((_, index) => new Set(data.params[index]).size > 1).map(({ name }) => name);
  for (const select of [xChoice, yChoice]) select.append(...names.map((name) => new Option(name, name)));
  yChoice.value = varied[0] ?? names[0] ?? '';
  xChoice.value = varied[1] ?? varied[0] ?? names[0] ?? '';
  kindChoice.append(...Object.entries(summaries).map(([kind, { words }]) => new Option(words, kind)));
  let period = data.leadingPeriod;
  const draw = () => {
    tip.hidden = true;
    const kind = toKind(kindChoice.value);
    root.replaceChildren(...drawSurface(data, { x: xChoice.value, y: yChoice.value, name: figureChoice.value, kind, period, tip }));
  };
  for (const select of [xChoice, yChoice, figureChoice, kindChoice]) select.addEventListener('change', draw);
  return (next) => {
    period = next;
    offer(figureChoice, listFigures(data, period));
    draw();
  };
}

/** @param {string} text @returns {keyof typeof summaries} */
function toKind(text) {
  return text === 'best' || text === 'worst' || text === 'near' || text === 'count' ? text : 'median';
}

/**
 * @typedef {{ x: string, y: string, name: string, kind: keyof typeof summaries, period: string, tip: HTMLElement }} Shown
 * @param {import('./study-data.js').StudyData} data
 * @param {Shown} shown
 * @returns {Node[]}
 */
function drawSurface(data, { x: xName, y: yName, name, kind, period, tip }) {
  const [x, y] = [readAxis(data, xName), readAxis(data, yName)];
  const values = findFigure(data, period, name);
  if (x === null || y === null || values.length === 0)
    return [element('p', { class: 'empty', text: 'No trial has a value for this figure.' })];
  const cells = toCells({ x: x.axis, y: y.axis, xValues: x.values, yValues: y.values, values, isCost: isCost(name) }, kind);
  const scale = toScale(
    cells.flat().flatMap(({ value }) => value ?? []),
    kind === 'count' ? false : isCost(name),
  );
  const show = (/** @type {number} */ value) => (kind === 'count' ? formatCount(value) : formatFigure(name, value));
  const lines = cells.map((line, top) =>
    element('tr', {}, [
      element('th', { scope: 'row', text: y.axis.labels[top] ?? '' }),
      ...line.map(({ value, count }, left) => {
        const place = `${yName} ${y.axis.labels[top] ?? ''}, ${xName} ${x.axis.labels[left] ?? ''}`;
        if (value === null) return element('td', { class: 'hole', tabindex: '-1', 'aria-label': `${place}: no trial`, text: '·' });
        const words = `${place}: ${toLabel(name)} ${show(value)} (${summaries[kind].words} of ${formatCount(count)} ${count === 1 ? 'trial' : 'trials'})`;
        return element('td', { class: scale.toClass(value), tabindex: '-1', 'aria-label': words, text: show(value) });
      }),
    ]),
  );
  const heading = element('tr', {}, [
    element('th', { class: 'corner', text: `${yName} ↓ ${xName} →` }),
    ...x.axis.labels.map((label) => element('th', { scope: 'col', text: label })),
  ]);
  const table = element('table', { class: 'heat surface', role: 'grid', 'aria-label': `${toLabel(name)} by ${yName} and ${xName}` }, [
    element('thead', {}, [heading]),
    element('tbody', {}, lines),
  ]);
  makeReachable(table, tip);
  return [element('div', { class: 'scroll' }, [table]), drawLegend(scale, show)];
}

/** @param {import('./study-data.js').StudyData} data @param {string} name */
function readAxis(data, name) {
  const index = data.parameters.findIndex((parameter) => parameter.name === name);
  const [facts, values] = [data.parameters[index], data.params[index]];
  return facts === undefined || values === undefined ? null : { values, axis: toAxis(facts, values) };
}

/**
 * The median cell is neutral; the cell that is furthest from it has the strongest colour.
 * @param {readonly number[]} values
 * @param {boolean} isCost
 */
function toScale(values, isCost) {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [sorted[0] ?? 0, sorted.at(-1) ?? 0];
  const middle = sorted[Math.floor(sorted.length / 2)] ?? 0;
  const reach = Math.max(high - middle, middle - low);
  const sign = isCost ? -1 : 1;
  return {
    low,
    middle,
    high,
    isCost,
    toClass: (/** @type {number} */ value) => toRampClass(sign * (value - middle), reach),
  };
}

/** @param {ReturnType<typeof toScale>} scale @param {(value: number) => string} show */
function drawLegend({ low, middle, high, isCost }, show) {
  const steps = Array.from({ length: 2 * STEPS + 1 }, (_, index) => element('i', { class: toRampClass(index - STEPS, STEPS) }));
  const ends = (isCost ? [high, middle, low] : [low, middle, high]).map((value) => element('span', { text: show(value) }));
  return element('div', { class: 'legend' }, [
    element('div', { class: 'steps', 'aria-hidden': 'true' }, steps),
    element('div', { class: 'ends' }, ends),
    element('p', { text: 'Middle: the median cell. Right is better. A dot: no trial there.' }),
  ]);
}
