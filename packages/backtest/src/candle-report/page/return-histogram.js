// @ts-check
/** How many trades ended with which return. */
import { part } from '../../report/page/elements.js';
import { formatCount, formatReturn } from '../../report/page/format.js';
import { drawHorizontalAxis, drawVerticalAxis, makeCanvas } from './canvas-frame.js';
import { figureColumn, fillTwin } from './table-twin.js';
import { toTicks } from './ticks.js';

const HISTOGRAM_HEIGHT = 280;
const MOST_BINS = 40;

/** @typedef {{ edges: number[], counts: number[] }} Bins `edges` has one more than `counts` */

/**
 * @param {HTMLElement} section
 * @param {readonly number[]} returns
 * @returns {{ recolour: () => void }}
 */
export function createHistogram(section, returns) {
  const bins = toBins(returns);
  const root = part(section, 'histogram');
  fillTwin(part(section, 'histogram-table'), () => ({
    label: 'Trades by return',
    columns: [
      figureColumn('From', bins.edges.slice(0, -1), formatReturn),
      figureColumn('To below', bins.edges.slice(1), formatReturn),
      figureColumn('Trades', bins.counts, formatCount),
    ],
    rows: { count: bins.counts.length, empty: 'No trades.' },
  }));
  const label = `Histogram of the net returns of ${formatCount(returns.length)} trades, from ${formatReturn(bins.edges[0] ?? 0)} to ${formatReturn(bins.edges.at(-1) ?? 0)}; the table below holds the counts`;
  return makeCanvas(root, {
    height: HISTOGRAM_HEIGHT,
    label,
    draw: (surface) => {
      drawBins(surface, bins);
    },
  });
}

/** Bins of a round width, one edge at zero. @param {readonly number[]} returns @returns {Bins} */
function toBins(returns) {
  let [low, high] = [0, 0];
  for (const value of returns) [low, high] = [Math.min(low, value), Math.max(high, value)];
  const wanted = Math.min(MOST_BINS, Math.max(6, Math.ceil(Math.sqrt(returns.length) * 2)));
  const [first = 0, second = 0.01] = toTicks(0, Math.max(high - low, 1e-4), wanted);
  const step = second - first;
  const start = Math.floor(low / step);
  const count = Math.max(1, Math.floor(high / step) + 1 - start);
  const counts = Array.from({ length: count }, () => 0);
  for (const value of returns) {
    const bin = Math.min(count - 1, Math.max(0, Math.floor(value / step) - start));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return { edges: Array.from({ length: count + 1 }, (_, index) => (start + index) * step), counts };
}

/** @param {import('./canvas-frame.js').Surface} surface @param {Bins} bins */
function drawBins(surface, { edges, counts }) {
  const { context, colours, width, height } = surface;
  const plot = { left: 48, top: 10, width: Math.max(60, width - 60), height: height - 42 };
  const most = counts.reduce((largest, count) => Math.max(largest, count), 1);
  const [low, high] = [edges[0] ?? 0, edges.at(-1) ?? 1];
  /** @param {number} value */
  const toX = (value) => plot.left + ((value - low) / (high - low)) * plot.width;
  /** @param {number} count */
  const toY = (count) => plot.top + plot.height * (1 - count / most);
  const whole = toTicks(0, most, 4).filter((tick) => Number.isInteger(tick));
  drawVerticalAxis(surface, plot, { ticks: whole, toY, format: formatCount });
  drawHorizontalAxis(surface, plot, {
    ticks: toTicks(low, high, Math.max(2, Math.floor(plot.width / 80))).map((tick) => ({ x: toX(tick), name: formatReturn(tick) })),
  });
  counts.forEach((count, bin) => {
    const [left, right] = [toX(edges[bin] ?? 0), toX(edges[bin + 1] ?? 0)];
    context.fillStyle = (edges[bin] ?? 0) < -1e-12 ? colours.loss : colours.gain;
    if (count > 0) context.fillRect(left + 1, toY(count), Math.max(1, right - left - 2), plot.top + plot.height - toY(count));
  });
  context.strokeStyle = colours.text;
  context.beginPath();
  context.moveTo(Math.round(toX(0)) + 0.5, plot.top);
  context.lineTo(Math.round(toX(0)) + 0.5, plot.top + plot.height);
  context.stroke();
}
