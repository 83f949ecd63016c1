// @ts-check
/** The candle chart: one symbol at a time, moved by drag, wheel, buttons and keys; a click on a mark chooses its trade. */
import { element, part } from '../../report/page/elements.js';
import { formatCount, formatTime } from '../../report/page/format.js';
import { formatInterval, formatQuote } from './backtest-data.js';
import { makeCanvas, toCanvasPoint } from './canvas-frame.js';
import { drawCandles } from './candle-drawing.js';
import { listenToButtons, listenToPointer } from './candle-moves.js';
import { clampRange, toPlace, toView } from './candle-view.js';
import { figureColumn, fillTwin } from './table-twin.js';
import { drawTrades, findExcursionPrices } from './trade-drawing.js';

const CHART_HEIGHT = 430;
const CHART_LABEL =
  'Candles with the trades taken on them: arrows move, plus and minus zoom, brackets go from trade to trade. The tables below hold candles and trades.';
/** Candles around a chosen trade, at least. */
const CONTEXT = 40;

/**
 * @typedef {import('./backtest-data.js').BacktestData} BacktestData
 *
 * @typedef {object} ChartState
 * @property {number} symbol
 * @property {import('./backtest-data.js').Candles | null} candles
 * @property {import('./trade-drawing.js').PlacedTrades} placed
 * @property {import('./candle-view.js').Range} range
 * @property {import('./candle-view.js').View | null} view
 * @property {number | null} chosen row of the trade
 * @property {(row: number) => boolean} isShown
 *
 * @typedef {object} CandleChart
 * @property {(row: number | null) => void} show turns to the trade and marks it
 * @property {(isShown: (row: number) => boolean) => void} narrow draws only these trades
 * @property {() => void} recolour
 */

/**
 * @param {HTMLElement} section
 * @param {BacktestData} data
 * @param {(row: number) => void} onChoose
 * @returns {CandleChart}
 */
export function createCandleChart(section, data, onChoose) {
  const root = part(section, 'chart');
  const state = makeState();
  const drawn = part(section, 'drawn');
  const frame = makeCanvas(root, {
    height: CHART_HEIGHT,
    label: CHART_LABEL,
    draw: (surface) => {
      drawChart(surface, state, data);
      drawn.textContent = describeDrawn(state);
    },
  });
  /** @param {number} symbol */
  const turnTo = (symbol) => {
    if (symbol === state.symbol) return;
    chooseSymbol(state, data, symbol);
    choice.value = String(symbol);
    frame.redraw();
  };
  const choice = makeSymbolChoice(section, data, turnTo);
  /** @param {import('./candle-view.js').Range} range */
  const move = (range) => {
    state.range = clampRange(range, state.candles?.close.length ?? 0);
    frame.redraw();
  };
  turnTo(0);
  listenToPointer(frame.canvas, { state, data, move, onChoose });
  listenToButtons(section, state, move);
  frame.canvas.addEventListener('pointermove', makeCandleReadout(part(section, 'readout'), frame.canvas, state));
  makeCandleTable(part(section, 'candle-table'), state);
  return {
    show: (row) => {
      state.chosen = row;
      if (row !== null) {
        turnTo(data.trades.symbol[row] ?? 0);
        move(toContext(state, row));
      }
      frame.redraw();
    },
    narrow: (isShown) => {
      state.isShown = isShown;
      frame.redraw();
    },
    recolour: frame.recolour,
  };
}

/** @returns {ChartState} */
function makeState() {
  return {
    symbol: -1,
    candles: null,
    placed: { rows: [], entry: [], exit: [] },
    range: { from: 0, to: 0 },
    view: null,
    chosen: null,
    isShown: () => true,
  };
}

/** @param {import('./canvas-frame.js').Surface} surface @param {ChartState} state @param {BacktestData} data */
function drawChart(surface, state, data) {
  const { candles, chosen } = state;
  if (candles === null || candles.close.length === 0) {
    surface.context.fillStyle = surface.colours.muted;
    surface.context.textAlign = 'center';
    surface.context.fillText('No candles of this symbol came with the report.', surface.width / 2, surface.height / 2);
    return;
  }
  const isHere = chosen !== null && data.trades.symbol[chosen] === state.symbol;
  const levels = isHere ? findExcursionPrices(data.trades, chosen) : [];
  state.view = toView(candles, state.range, { width: surface.width, height: surface.height, levels });
  drawCandles(surface, state.view, candles);
  drawTrades(surface, state.view, { trades: data.trades, placed: state.placed, isShown: state.isShown, chosen });
}

/** @param {ChartState} state @param {BacktestData} data @param {number} symbol */
function chooseSymbol(state, data, symbol) {
  const name = data.symbols[symbol];
  const candles = data.charts.find((chart) => chart.symbol === name) ?? null;
  const rows = data.trades.symbol.flatMap((each, row) => (each === symbol ? [row] : []));
  /** @param {readonly number[]} times */
  const place = (times) => (candles === null ? [] : rows.map((row) => toPlace(candles, (times[row] ?? 0) / 1000, data.intervalS)));
  state.symbol = symbol;
  state.candles = candles;
  state.placed = { rows, entry: place(data.trades.entryMs), exit: place(data.trades.exitMs) };
  state.range = { from: 0, to: candles?.close.length ?? 0 };
}

/** The trade in the middle, with candles around it. @param {ChartState} state @param {number} row */
function toContext({ placed }, row) {
  const index = placed.rows.indexOf(row);
  const [entry, exit] = [placed.entry[index] ?? 0, placed.exit[index] ?? 0];
  const half = Math.max(CONTEXT, (exit - entry) * 1.5);
  const middle = (entry + exit) / 2;
  return { from: middle - half, to: middle + half };
}

/** @param {ChartState} state */
function describeDrawn({ candles, view }) {
  if (candles === null || view === null) return '';
  const interval = formatInterval(candles.intervalS * view.join);
  const count = Math.round(view.range.to - view.range.from);
  const joined = view.join === 1 ? '' : `, each of ${view.join} × ${formatInterval(candles.intervalS)}`;
  return `Drawn: ${interval} candles${joined}; ${formatCount(count)} of ${formatCount(candles.close.length)} in view`;
}

/** @param {HTMLElement} section @param {BacktestData} data @param {(symbol: number) => void} onChange */
function makeSymbolChoice(section, data, onChange) {
  const choice = /** @type {HTMLSelectElement} */ (part(section, 'symbol'));
  choice.append(...data.symbols.map((text, index) => element('option', { value: String(index), text })));
  choice.addEventListener('change', () => {
    onChange(Number(choice.value));
  });
  return choice;
}

/** @param {HTMLElement} readout @param {HTMLCanvasElement} canvas @param {ChartState} state */
function makeCandleReadout(readout, canvas, state) {
  readout.replaceChildren(element('span', { text: 'Point at a candle for its prices.' }));
  /** @param {PointerEvent} event */
  return (event) => {
    const { view, candles } = state;
    if (view === null || candles === null) return;
    const place =
      view.range.from + ((toCanvasPoint(canvas, event).x - view.plot.left) / view.plot.width) * (view.range.to - view.range.from);
    const candle = view.drawn.find(({ first }) => place >= first && place < first + view.join);
    if (candle === undefined) return;
    const texts = [
      `${formatTime((candles.seconds[candle.first] ?? 0) * 1000)} UTC`,
      ...[`open ${formatQuote(candle.open)}`, `high ${formatQuote(candle.high)}`],
      ...[`low ${formatQuote(candle.low)}`, `close ${formatQuote(candle.close)}`],
    ];
    readout.replaceChildren(...texts.map((text) => element('span', { text })));
  };
}

/** @param {HTMLElement} twin @param {ChartState} state */
function makeCandleTable(twin, state) {
  fillTwin(twin, () => {
    const { seconds, open, high, low, close } = state.candles ?? { seconds: [], open: [], high: [], low: [], close: [] };
    return {
      label: 'Candles of the chart',
      columns: [
        { ...figureColumn('Opens (UTC)', seconds, (second) => formatTime(second * 1000)), isNumber: false },
        figureColumn('Open', open, formatQuote),
        figureColumn('High', high, formatQuote),
        figureColumn('Low', low, formatQuote),
        figureColumn('Close', close, formatQuote),
      ],
      rows: { count: close.length, empty: 'No candles of this symbol.' },
    };
  });
}
