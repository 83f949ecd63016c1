// @ts-check
/** Equity beside buying and holding, the fall from the peak, and how much was in the market: three panes, one cursor, one read-out. */
import { makePane, readChartColours, toDrawdownRange } from '../../report/page/chart-pane.js';
import { element, part } from '../../report/page/elements.js';
import { formatCompact, formatMoney, formatShare, formatTime } from '../../report/page/format.js';
import { figureColumn, fillTwin } from './table-twin.js';
import { toLogTicks } from './ticks.js';

const PANE_HEIGHTS = { equity: 270, drawdown: 110, exposure: 96 };

/** @typedef {import('./backtest-data.js').Curve} Curve */

/**
 * @param {HTMLElement} section
 * @param {Curve} curve
 * @param {(ms: number) => void} onChoose a moment was clicked
 * @returns {{ redraw: () => void }}
 */
export function createEquityPanes(section, curve, onChoose) {
  const root = part(section, 'chart');
  const readout = part(section, 'readout');
  const log = /** @type {HTMLInputElement} */ (part(section, 'log'));
  const seconds = curve.ms.map((ms) => ms / 1000);
  const canBeLog = curve.equity.every((value) => value > 0);
  log.disabled = !canBeLog;
  if (!canBeLog) log.title = 'Equity fell to zero or below: there is no logarithm of it.';
  /** @type {import('uplot')[]} */
  let panes = [];
  const draw = () => {
    for (const pane of panes) pane.destroy();
    root.replaceChildren();
    panes = drawEquityPanes(root, { curve, seconds, isLog: log.checked, onCursor: makeCurveReadout(readout, curve) });
  };
  log.addEventListener('change', draw);
  root.addEventListener('click', () => {
    const index = panes[0]?.cursor.idx;
    if (index !== null && index !== undefined) onChoose(curve.ms[index] ?? 0);
  });
  new ResizeObserver(() => {
    for (const pane of panes) pane.setSize({ width: root.clientWidth, height: pane.height });
  }).observe(root);
  showCurveTable(part(section, 'curve-table'), curve);
  return { redraw: draw };
}

/**
 * @param {HTMLElement} root
 * @param {{ curve: Curve, seconds: number[], isLog: boolean, onCursor: (index: number | null) => void }} chart
 */
function drawEquityPanes(root, { curve, seconds, isLog, onCursor }) {
  const colours = readChartColours();
  const base = { width: Math.max(200, root.clientWidth), colours, onCursor };
  const plain = { points: { show: false }, width: 1.5 };
  /** @type {(values: readonly (number | null)[]) => (number | null)[]} */
  const scale = (values) => (isLog ? values.map((value) => (value === null || value <= 0 ? null : Math.log(value))) : [...values]);
  return [
    makePane(root, {
      ...base,
      height: PANE_HEIGHTS.equity,
      title: isLog ? 'Equity, logarithmic' : 'Equity',
      series: [
        { ...plain, label: 'Buy and hold', stroke: colours.muted, width: 1 },
        { ...plain, label: 'Strategy', stroke: colours.gain, width: 1.75 },
      ],
      columns: [seconds, scale(curve.benchmark), scale(curve.equity)],
      format: (value) => formatCompact(isLog ? Math.exp(value) : value),
      xAxis: 'hidden',
      ...(isLog ? { ySplits: toLogTicks } : {}),
    }),
    makePane(root, {
      ...base,
      height: PANE_HEIGHTS.drawdown,
      title: 'Below the highest equity before',
      series: [{ ...plain, label: 'Drawdown', stroke: colours.loss, fill: colours.lossFill, width: 1.25 }],
      columns: [seconds, curve.drawdown],
      format: formatShare,
      xAxis: 'hidden',
      yRange: toDrawdownRange,
    }),
    makePane(root, {
      ...base,
      height: PANE_HEIGHTS.exposure,
      title: 'In the market (value of open positions over equity)',
      series: [{ ...plain, label: 'Exposure', stroke: colours.muted, fill: colours.line, width: 1 }],
      columns: [seconds, curve.exposure],
      format: formatShare,
      xAxis: 'time',
      yRange: (_self, _low, high) => [0, Math.max(high * 1.08, 0.1)],
    }),
  ];
}

/** @param {HTMLElement} readout @param {Curve} curve */
function makeCurveReadout(readout, curve) {
  /** @param {number | null} index */
  const show = (index) => {
    const at = index ?? curve.ms.length - 1;
    const held = curve.benchmark[at] ?? null;
    const texts = [
      `${index === null ? 'End · ' : ''}${formatTime(curve.ms[at] ?? 0)} UTC`,
      `strategy ${formatMoney(curve.equity[at] ?? 0)}`,
      `buy and hold ${held === null ? '—' : formatMoney(held)}`,
      `drawdown ${formatShare(-(curve.drawdown[at] ?? 0))}`,
      `in the market ${formatShare(curve.exposure[at] ?? 0)}`,
    ];
    readout.replaceChildren(...texts.map((text) => element('span', { text })));
  };
  show(null);
  return show;
}

/** @param {HTMLElement} twin @param {Curve} curve */
function showCurveTable(twin, curve) {
  fillTwin(twin, () => ({
    label: 'Points of the equity curve',
    columns: [
      { ...figureColumn('Time (UTC)', curve.ms, formatTime), isNumber: false },
      figureColumn('Strategy', curve.equity, formatMoney),
      figureColumn('Buy and hold', curve.benchmark, formatMoney),
      figureColumn('Drawdown', curve.drawdown, formatShare),
      figureColumn('In the market', curve.exposure, formatShare),
    ],
    rows: { count: curve.ms.length, empty: 'No points.' },
  }));
}
