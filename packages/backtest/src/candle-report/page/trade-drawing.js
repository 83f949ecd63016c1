// @ts-check
/** Draws trades on candles: a line from entry to exit in the colour of its profit, marks in the shape of its side. */
import { traceMark } from './canvas-frame.js';

const FEW = 150;
const SOME = 800;

/**
 * @typedef {object} PlacedTrades of one symbol, rising by entry
 * @property {number[]} rows of the trades
 * @property {number[]} entry places in the series of candles
 * @property {number[]} exit
 */

/**
 * @param {import('./canvas-frame.js').Surface} surface
 * @param {import('./candle-view.js').View} view
 * @param {{ trades: import('./backtest-data.js').Trades, placed: PlacedTrades, isShown: (row: number) => boolean, chosen: number | null }} what
 */
export function drawTrades(surface, view, { trades, placed, isShown, chosen }) {
  const { context, colours } = surface;
  const inView = placed.rows.flatMap((row, index) => (isShown(row) && isInView(view, placed, index) ? [index] : []));
  const size = inView.length <= FEW ? 5 : inView.length <= SOME ? 3.5 : 1.5;
  context.save();
  context.beginPath();
  context.rect(view.plot.left, 0, view.plot.width, view.plot.top + view.plot.height);
  context.clip();
  const chosenIndex = chosen === null ? -1 : placed.rows.indexOf(chosen);
  if (chosenIndex >= 0) shadeChosen(surface, view, { placed, index: chosenIndex });
  for (const isGain of [true, false]) {
    const group = inView.filter((index) => (trades.pnl[placed.rows[index] ?? 0] ?? 0) > 0 === isGain);
    context.strokeStyle = isGain ? colours.gain : colours.loss;
    context.fillStyle = context.strokeStyle;
    context.lineWidth = inView.length <= FEW ? 1.75 : 1;
    traceLines(context, view, { trades, placed, indices: group });
    context.stroke();
    context.setLineDash([]);
    context.beginPath();
    for (const index of group) traceEnds(context, view, { trades, placed, index, size });
    context.fill();
  }
  if (chosenIndex >= 0) drawLevels(surface, view, { trades, placed, index: chosenIndex });
  context.restore();
}

/** @param {import('./candle-view.js').View} view @param {PlacedTrades} placed @param {number} index */
function isInView({ range }, placed, index) {
  return (placed.exit[index] ?? 0) >= range.from && (placed.entry[index] ?? 0) <= range.to;
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {import('./candle-view.js').View} view
 * @param {{ trades: import('./backtest-data.js').Trades, placed: PlacedTrades, indices: readonly number[] }} group
 */
function traceLines(context, view, { trades, placed, indices }) {
  context.beginPath();
  for (const index of indices) {
    const row = placed.rows[index] ?? 0;
    context.moveTo(view.toX(placed.entry[index] ?? 0), view.toY(trades.entryPx[row] ?? 0));
    context.lineTo(view.toX(placed.exit[index] ?? 0), view.toY(trades.exitPx[row] ?? 0));
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {import('./candle-view.js').View} view
 * @param {{ trades: import('./backtest-data.js').Trades, placed: PlacedTrades, index: number, size: number }} trade
 */
function traceEnds(context, view, { trades, placed, index, size }) {
  const row = placed.rows[index] ?? 0;
  const isLong = trades.direction[row] === 1;
  const entry = { x: view.toX(placed.entry[index] ?? 0), y: view.toY(trades.entryPx[row] ?? 0) };
  const exit = { x: view.toX(placed.exit[index] ?? 0), y: view.toY(trades.exitPx[row] ?? 0) };
  traceMark(context, { ...entry, size, kind: isLong ? 'up' : 'down' });
  traceMark(context, { ...exit, size: size * 0.72, kind: isLong ? 'circle' : 'square' });
}

/** @param {import('./canvas-frame.js').Surface} surface @param {import('./candle-view.js').View} view @param {{ placed: PlacedTrades, index: number }} trade */
function shadeChosen({ context, colours }, view, { placed, index }) {
  const [left, right] = [view.toX(placed.entry[index] ?? 0), view.toX(placed.exit[index] ?? 0)];
  context.globalAlpha = 0.13;
  context.fillStyle = colours.accent;
  context.fillRect(left - 4, view.plot.top, right - left + 8, view.plot.height);
  context.globalAlpha = 1;
}

/**
 * The worst and best price on the way of the chosen trade.
 * @param {import('./canvas-frame.js').Surface} surface
 * @param {import('./candle-view.js').View} view
 * @param {{ trades: import('./backtest-data.js').Trades, placed: PlacedTrades, index: number }} trade
 */
function drawLevels({ context, colours }, view, { trades, placed, index }) {
  const row = placed.rows[index] ?? 0;
  const [left, right] = [view.toX(placed.entry[index] ?? 0), view.toX(placed.exit[index] ?? 0)];
  for (const [level, colour, name] of toExcursionLevels(trades, row, colours)) {
    const y = view.toY(level);
    context.setLineDash([4, 3]);
    context.lineWidth = 1.25;
    context.strokeStyle = colour;
    context.beginPath();
    context.moveTo(left - 4, y);
    context.lineTo(Math.max(right, left + 24) + 4, y);
    context.stroke();
    context.fillStyle = colour;
    context.textAlign = 'left';
    context.textBaseline = 'middle';
    context.setLineDash([]);
    context.strokeStyle = colours.page;
    context.lineWidth = 4;
    context.strokeText(name, Math.max(right, left + 24) + 8, y);
    context.fillText(name, Math.max(right, left + 24) + 8, y);
  }
  context.setLineDash([]);
}

/** @param {import('./backtest-data.js').Trades} trades @param {number} row @param {{ loss: string, gain: string }} colours @returns {[number, string, string][]} */
function toExcursionLevels(trades, row, colours) {
  const [worst, best] = findExcursionPrices(trades, row);
  return [
    [worst, colours.loss, 'worst'],
    [best, colours.gain, 'best'],
  ];
}

/** Worst and best price of a trade. @param {import('./backtest-data.js').Trades} trades @param {number} row @returns {[number, number]} */
export function findExcursionPrices(trades, row) {
  const [entry, side] = [trades.entryPx[row] ?? 0, trades.direction[row] ?? 1];
  return [entry * (1 + side * (trades.mae[row] ?? 0)), entry * (1 + side * (trades.mfe[row] ?? 0))];
}
