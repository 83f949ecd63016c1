// @ts-check
/** Equity and drawdown of the best trials over time, one line each: two panes, one cursor, one read-out in UTC. */
import { makePane, readChartColours, stepped, toDrawdownRange, toUnderwater } from '../../report/page/chart-pane.js';
import { element, part } from '../../report/page/elements.js';
import { formatCompact, formatCount, formatMoney, formatShare, formatTime } from '../../report/page/format.js';
import { readColour } from '../../report/page/theme.js';

const HEIGHT_OF_EQUITY = 280;
const HEIGHT_OF_DRAWDOWN = 140;

/**
 * @param {HTMLElement} section
 * @param {readonly import('./study-data.js').CurveData[]} curves
 * @returns {{ redraw: () => void }}
 */
export function createTopEquity(section, curves) {
  const root = part(section, 'chart');
  const readout = part(section, 'readout');
  const hidden = new Set();
  /** @type {import('uplot')[]} */
  let panes = [];
  const draw = () => {
    for (const pane of panes) pane.destroy();
    root.replaceChildren();
    panes = drawPanes(root, { curves: curves.filter(({ number }) => !hidden.has(number)), all: curves, readout });
  };
  part(section, 'keys').replaceChildren(
    ...curves.map((curve, index) =>
      makeKey(curve, index, (isShown) => {
        if (isShown) hidden.delete(curve.number);
        else hidden.add(curve.number);
        draw();
      }),
    ),
  );
  new ResizeObserver(() => {
    for (const pane of panes) pane.setSize({ width: root.clientWidth, height: pane.height });
  }).observe(root);
  return { redraw: draw };
}

/**
 * @param {import('./study-data.js').CurveData} curve
 * @param {number} index
 * @param {(isShown: boolean) => void} onToggle
 */
function makeKey(curve, index, onToggle) {
  const box = element('input', { type: 'checkbox', checked: '' });
  box.addEventListener('change', () => {
    onToggle(box.checked);
  });
  const text = `#${formatCount(curve.number)}: ${formatMoney(curve.finalCapital)}, deepest drawdown ${formatShare(curve.maxDrawdown)}`;
  return element('li', { class: `series-${index + 1}` }, [element('label', {}, [box, element('i'), element('span', { text })])]);
}

/**
 * @param {HTMLElement} root
 * @param {{ curves: readonly import('./study-data.js').CurveData[], all: readonly import('./study-data.js').CurveData[], readout: HTMLElement }} chart
 * @returns {import('uplot')[]}
 */
function drawPanes(root, { curves, all, readout }) {
  readout.hidden = curves.length === 0;
  if (curves.length === 0) {
    root.append(element('p', { class: 'empty', text: 'No trial is chosen.' }));
    return [];
  }
  const times = [...new Set(curves.flatMap(({ ms }) => ms))].sort((a, b) => a - b);
  const equity = curves.map((curve) => holdValues(times, curve));
  const underwater = curves.map((curve) => holdValues(times, { ms: curve.ms, equity: toUnderwater(curve.equity) }));
  const colours = readChartColours();
  const series = curves.map((curve) => ({
    label: `#${curve.number}`,
    stroke: readColour(`--series-${all.indexOf(curve) + 1}`),
    width: 1.6,
    paths: stepped(),
    points: { show: false },
  }));
  const onCursor = makeReadout(readout, { times, curves, equity, underwater });
  const seconds = times.map((ms) => ms / 1000);
  const base = { width: Math.max(200, root.clientWidth), colours, series, onCursor };
  return [
    makePane(root, {
      ...base,
      height: HEIGHT_OF_EQUITY,
      title: 'Equity at cost',
      columns: [seconds, ...equity],
      format: formatCompact,
      xAxis: 'hidden',
    }),
    makePane(root, {
      ...base,
      height: HEIGHT_OF_DRAWDOWN,
      title: 'Drawdown (realised)',
      columns: [seconds, ...underwater],
      format: formatShare,
      xAxis: 'time',
      yRange: toDrawdownRange,
    }),
  ];
}

/**
 * The curve at each of the times: it stays where it is until its next point.
 * @param {readonly number[]} times
 * @param {{ ms: readonly number[], equity: readonly number[] }} curve
 */
function holdValues(times, { ms, equity }) {
  let next = 0;
  return times.map((time) => {
    while (next < ms.length && (ms[next] ?? Infinity) <= time) next += 1;
    return next === 0 ? null : (equity[next - 1] ?? null);
  });
}

/**
 * @param {HTMLElement} readout
 * @param {{ times: readonly number[], curves: readonly { number: number }[], equity: readonly (number | null)[][], underwater: readonly (number | null)[][] }} chart
 */
function makeReadout(readout, { times, curves, equity, underwater }) {
  /** @param {number | null} index */
  const show = (index) => {
    const at = index ?? times.length - 1;
    const values = curves.map(({ number }, curve) => {
      const [money, fall] = [equity[curve]?.[at] ?? null, underwater[curve]?.[at] ?? null];
      return `#${number} ${money === null ? '–' : formatMoney(money)}${fall === null ? '' : ` (${formatShare(-fall)} below its peak)`}`;
    });
    const texts = [`${index === null ? 'End · ' : ''}${formatTime(times[at] ?? 0)} UTC`, ...values];
    readout.replaceChildren(...texts.map((text) => element('span', { text })));
  };
  show(null);
  return show;
}
