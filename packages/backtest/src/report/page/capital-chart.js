// @ts-check
/** Capital over time with the underwater curve below: two panes, one cursor, one read-out in UTC. Drawn with uPlot. */
import { element, part } from './elements.js';
import { formatCompact, formatMoney, formatShare, formatTime } from './format.js';
import { showPagedTable } from './paged-table.js';
import { readColour } from './theme.js';

/** @typedef {{ ms: number[], equity: number[] }} Curve */

const HEIGHTS = { capital: 260, drawdown: 120 };
const AXIS_WIDTH = 64;

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

/** Distance below the highest capital so far, as a fraction, zero or negative: the picture of the engine's drawdown. @param {readonly number[]} equity */
export function toUnderwater(equity) {
  let peak = -Infinity;
  return equity.map((value) => {
    peak = Math.max(peak, value);
    return value / peak - 1;
  });
}

/**
 * @param {HTMLElement} root
 * @param {{ curve: Curve, initialCapital: number, onCursor: (index: number | null) => void }} input
 */
function drawPanes(root, { curve, initialCapital, onCursor }) {
  const seconds = curve.ms.map((ms) => ms / 1000);
  const colours = {
    gain: readColour('--gain'),
    loss: readColour('--loss'),
    lossFill: readColour('--loss-fill'),
    muted: readColour('--muted'),
    line: readColour('--line'),
  };
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
      hasDates: false,
    }),
    makePane(root, {
      ...base,
      height: HEIGHTS.drawdown,
      title: 'Drawdown (realised)',
      series: [drawdown],
      columns: [seconds, toUnderwater(curve.equity)],
      format: formatShare,
      hasDates: true,
    }),
  ];
}

const dayName = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' });

/**
 * Names of the time axis, UTC: days, or hours when the view is short; the year where it begins.
 * @param {unknown} _self
 * @param {readonly number[]} seconds
 */
function nameTimes(_self, seconds) {
  let previousYear = 0;
  return seconds.map((second) => {
    const date = new Date(second * 1000);
    const isDay = second % 86_400 === 0;
    const name = isDay ? dayName.format(date) : date.toISOString().slice(11, 16);
    const year = date.getUTCFullYear();
    const isNewYear = year !== previousYear;
    previousYear = year;
    return isNewYear ? `${name}\n${isDay ? '' : `${dayName.format(date)} `}${year}` : name;
  });
}

/** The chart library stands in a script of its own before this one. @returns {typeof import('uplot')} */
function uPlotLibrary() {
  return /** @type {typeof globalThis & { uPlot: typeof import('uplot') }} */ (globalThis).uPlot;
}

/** Capital stays where it is until the next position is closed. */
function stepped() {
  const build = uPlotLibrary().paths.stepped;
  if (build === undefined) throw new Error('the chart library was built without stepped lines');
  return build({ align: 1 });
}

/**
 * @param {HTMLElement} root
 * @param {{ width: number, height: number, title: string, colours: { muted: string, line: string }, series: import('uplot').Series[], columns: import('uplot').AlignedData,
 *   format: (value: number) => string, hasDates: boolean, onCursor: (index: number | null) => void }} pane
 */
function makePane(root, { width, height, title, colours, series, columns, format, hasDates, onCursor }) {
  const uPlot = uPlotLibrary();
  const axis = {
    stroke: colours.muted,
    font: '12px ui-sans-serif, system-ui, sans-serif',
    grid: { stroke: colours.line, width: 1 },
    ticks: { show: false },
  };
  const holder = element('figure', { class: 'pane' }, [element('figcaption', { text: title })]);
  root.append(holder);
  /** @type {import('uplot').Options} */
  const options = {
    width,
    height,
    legend: { show: false },
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC'),
    scales: hasDates ? { y: { range: (_self, low) => [Math.min(low * 1.08, -0.01), 0] } } : {},
    axes: [
      { ...axis, space: 70, ...(hasDates ? { size: 40, values: nameTimes } : { size: 10, values: () => [] }) },
      { ...axis, size: AXIS_WIDTH, values: (_self, values) => values.map(format) },
    ],
    series: [{}, ...series],
    cursor: { sync: { key: 'report' }, y: false, dataIdx: findPointBefore, points: { size: 7 } },
    hooks: {
      setCursor: [
        (self) => {
          onCursor(self.cursor.idx ?? null);
        },
      ],
    },
  };
  return new uPlot(options, columns, holder);
}

/**
 * The last point at or before the cursor, since the capital holds until the next one.
 * @param {[self: import('uplot'), series: number, closest: number, seconds: number]} cursor
 */
function findPointBefore(...[self, , closest, seconds]) {
  return closest > 0 && (self.data[0][closest] ?? 0) > seconds ? closest - 1 : closest;
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
