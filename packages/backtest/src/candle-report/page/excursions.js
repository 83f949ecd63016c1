// @ts-check
/** The worst against the best price of every trade: what a tighter stop or a nearer target would have met. */
import { part, toTone } from '../../report/page/elements.js';
import { formatCount, formatReturn, formatShare } from '../../report/page/format.js';
import { toSideText } from './backtest-data.js';
import { drawHorizontalAxis, drawVerticalAxis, makeCanvas, toCanvasPoint, traceMark } from './canvas-frame.js';
import { figureColumn, fillTwin } from './table-twin.js';
import { toTicks } from './ticks.js';

const SCATTER_HEIGHT = 280;
const REACH_PX = 12;
const NAMES_PX = { left: 56, top: 26, bottom: 46 };

/**
 * @typedef {import('./backtest-data.js').Trades} Trades
 * @typedef {{ plot: import('./canvas-frame.js').Plot, toX: (mae: number) => number, toY: (mfe: number) => number, worst: number, best: number }} Scales
 */

/**
 * @param {HTMLElement} section
 * @param {Trades} trades
 * @param {(row: number) => void} onChoose
 * @returns {{ recolour: () => void }}
 */
export function createExcursions(section, trades, onChoose) {
  /** @type {Scales | null} */
  let scales = null;
  const frame = makeCanvas(part(section, 'excursions'), {
    height: SCATTER_HEIGHT,
    label: `Worst against best price on the way for ${formatCount(trades.pnl.length)} trades; the table below holds them`,
    draw: (surface) => {
      scales = toScales(surface, trades);
      drawExcursions(surface, trades, scales);
    },
  });
  frame.canvas.addEventListener('click', (event) => {
    const row = scales === null ? null : findPoint(toCanvasPoint(frame.canvas, event), trades, scales);
    if (row !== null) onChoose(row);
  });
  fillTwin(part(section, 'excursion-table'), () => ({
    label: 'Worst and best price on the way',
    columns: [
      { title: 'Trade', isNumber: true, value: (row) => row, show: (row) => String(row + 1) },
      { title: 'Side', value: (row) => toSideText(trades, row), show: (row) => toSideText(trades, row) },
      figureColumn('Worst (MAE)', trades.mae, formatReturn),
      figureColumn('Best (MFE)', trades.mfe, formatReturn),
      { ...figureColumn('Net return', trades.netReturn, formatReturn), tone: (row) => toTone(trades.pnl[row] ?? 0) },
    ],
    rows: { count: trades.pnl.length, empty: 'No trades.' },
  }));
  return frame;
}

/** @param {import('./canvas-frame.js').Surface} surface @param {Trades} trades @returns {Scales} */
function toScales({ width, height }, { mae, mfe }) {
  const plot = {
    left: NAMES_PX.left,
    top: NAMES_PX.top,
    width: Math.max(60, width - NAMES_PX.left - 14),
    height: height - NAMES_PX.top - NAMES_PX.bottom,
  };
  const worst = mae.reduce((most, value) => Math.max(most, -value), 0.001) * 1.04;
  const best = mfe.reduce((most, value) => Math.max(most, value), 0.001) * 1.04;
  return {
    plot,
    worst,
    best,
    toX: (value) => plot.left + (-value / worst) * plot.width,
    toY: (value) => plot.top + plot.height * (1 - value / best),
  };
}

/** @param {import('./canvas-frame.js').Surface} surface @param {Trades} trades @param {Scales} scales */
function drawExcursions(surface, trades, { plot, toX, toY, worst, best }) {
  const { context, colours } = surface;
  drawVerticalAxis(surface, plot, { ticks: toTicks(0, best, 4), toY, format: formatShare });
  const ticks = toTicks(0, worst, Math.max(2, Math.floor(plot.width / 80)));
  drawHorizontalAxis(surface, plot, { ticks: ticks.map((tick) => ({ x: toX(-tick), name: formatShare(-tick) })) });
  context.fillStyle = colours.muted;
  context.textAlign = 'right';
  context.textBaseline = 'top';
  context.fillText('worst (MAE) →', plot.left + plot.width, plot.top + plot.height + 26);
  context.textAlign = 'left';
  context.fillText('↑ best (MFE)', plot.left, 2);
  const size = trades.pnl.length > 1000 ? 1.6 : 3.2;
  context.globalAlpha = trades.pnl.length > 1000 ? 0.45 : 0.8;
  for (const isGain of [false, true]) {
    context.fillStyle = isGain ? colours.gain : colours.loss;
    context.beginPath();
    trades.pnl.forEach((pnl, row) => {
      if (pnl > 0 !== isGain) return;
      traceMark(context, {
        x: toX(trades.mae[row] ?? 0),
        y: toY(trades.mfe[row] ?? 0),
        size,
        kind: trades.direction[row] === 1 ? 'circle' : 'square',
      });
    });
    context.fill();
  }
  context.globalAlpha = 1;
}

/** @param {{ x: number, y: number }} point @param {Trades} trades @param {Scales} scales */
function findPoint({ x, y }, trades, { toX, toY }) {
  /** @type {{ row: number | null, distance: number }} */
  let nearest = { row: null, distance: REACH_PX };
  trades.mae.forEach((mae, row) => {
    const distance = Math.hypot(toX(mae) - x, toY(trades.mfe[row] ?? 0) - y);
    if (distance < nearest.distance) nearest = { row, distance };
  });
  return nearest.row;
}
