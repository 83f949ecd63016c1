// @ts-check
/** Capital over time with the underwater curve below: two panes, one cursor, one read-out in UTC. Drawn with uPlot. */
import { makePane, readChartColours, stepped, toDrawdownRange, toUnderwater } from './chart-pane.js';
import { element, part } from './elements.js';
import { formatCompact, formatMoney, formatShare, formatTime } from './format.js';
import { showPagedTable } from './paged-table.js';

/** @typedef {{ ms: number[], equity: number[] }} Curve */

const HEIGHTS = { capital: 260, drawdown: 120 };

/**
 * @param {HTMLElement} section
 * @param {number} initialCapital
 * @returns {{ show: (curve: Curve | null) => void, redraw: () => void }}
 */
export function createCapitalChart(section, initialCapital) {
  const root = part(section, 'chart');
  const readout = part(section, 'readout');
  const twin = /** @type {HTMLDetailsElement} */ (part(section, 'curve-table'));
  /** @type {import('uplot')[]} */
  let panes = [];
  /** @type {Curve | null} */
  let current = null;
  const draw = () => {
    for (const pane of panes) pane.destroy();
    panes = [];
    root.replaceChildren();
    const isDrawn = current !== null && current.ms.length > 1;
    readout.hidden = !isDrawn;
    twin.hidden = !isDrawn;
    if (current === null || !isDrawn) {
      root.append(
        element('p', {
          class: 'empty',
          text: current === null ? 'No capital curve was kept for this choice.' : 'Nothing was traded, so the capital never moved.',
        }),
      );
      return;
    }
    panes = drawPanes(root, { curve: current, initialCapital, onCursor: makeReadout(readout, current) });
  };
  new ResizeObserver(() => {
    for (const pane of panes) pane.setSize({ width: root.clientWidth, height: pane.height });
  }).observe(root);
  twin.addEventListener('toggle', () => {
    showTwin(twin, current);
  });
  return {
    show(curve) {
      current = curve;
      twin.open = false;
      draw();
    },
    redraw: draw,
  };
}

/**
 * @param {HTMLElement} root
 * @param {{ curve: Curve, initialCapital: number, onCursor: (index: number | null) => void }} input
 */
function drawPanes(root, { curve, initialCapital, onCursor }) {
  const seconds = curve.ms.map((ms) => ms / 1000);
  const colours = readChartColours();
  const startLine = { label: 'Start', stroke: colours.muted, dash: [4, 4], width: 1, points: { show: false } };
  const capital = { label: 'Capital', stroke: colours.gain, width: 1.75, paths: stepped(), points: { show: false } };
  const drawdown = {
    label: 'Drawdown',
    stroke: colours.loss,
    fill: colours.lossFill,
    width: 1.25,
    paths: stepped(),
    points: { show: false },
  };
  const base = { width: Math.max(200, root.clientWidth), colours, onCursor };
  return [
    makePane(root, {
      ...base,
      height: HEIGHTS.capital,
      title: 'Capital',
      series: [capital, startLine],
      columns: [seconds, curve.equity, curve.equity.map(() => initialCapital)],
      format: formatCompact,
      xAxis: 'hidden',
    }),
    makePane(root, {
      ...base,
      height: HEIGHTS.drawdown,
      title: 'Drawdown (realised)',
      series: [drawdown],
      columns: [seconds, toUnderwater(curve.equity)],
      format: formatShare,
      xAxis: 'time',
      yRange: toDrawdownRange,
    }),
  ];
}

/**
 * @param {HTMLElement} readout
 * @param {Curve} curve
 */
function makeReadout(readout, curve) {
  const underwater = toUnderwater(curve.equity);
  /** @param {number | null} index */
  const show = (index) => {
    const point = index ?? curve.ms.length - 1;
    const [ms, capital, drawdown] = [curve.ms[point] ?? 0, curve.equity[point] ?? 0, underwater[point] ?? 0];
    readout.replaceChildren(
      element('span', { text: `${index === null ? 'End · ' : ''}${formatTime(ms)} UTC` }),
      element('span', { text: `capital ${formatMoney(capital)}` }),
      element('span', { text: `drawdown ${formatShare(-drawdown)}` }),
    );
  };
  show(null);
  return show;
}

/**
 * @param {HTMLDetailsElement} twin
 * @param {Curve | null} curve
 */
function showTwin(twin, curve) {
  const holder = twin.querySelector('div');
  if (!twin.open || curve === null || holder === null) return;
  const underwater = toUnderwater(curve.equity);
  showPagedTable(holder, {
    label: 'Points of the capital curve',
    columns: [
      { title: 'Time (UTC)', value: (row) => curve.ms[row] ?? 0, show: (row) => formatTime(curve.ms[row] ?? 0) },
      { title: 'Capital', isNumber: true, value: (row) => curve.equity[row] ?? 0, show: (row) => formatMoney(curve.equity[row] ?? 0) },
      { title: 'Drawdown', isNumber: true, value: (row) => -(underwater[row] ?? 0), show: (row) => formatShare(-(underwater[row] ?? 0)) },
    ],
    rows: { count: curve.ms.length, empty: 'No points.' },
  });
}
