// @ts-check
/** How the candle chart is moved: drag, wheel, keys and buttons; and which trade a click means. */
import { part } from '../../report/page/elements.js';
import { toCanvasPoint } from './canvas-frame.js';
import { zoomRange } from './candle-view.js';

const NEAR_PX = 14;
const CLICK_PX = 4;

/**
 * @typedef {import('./backtest-data.js').BacktestData} BacktestData
 * @typedef {import('./candle-chart.js').ChartState} ChartState
 */

/**
 * @param {HTMLCanvasElement} canvas
 * @param {{ state: ChartState, data: BacktestData, move: (range: import('./candle-view.js').Range) => void, onChoose: (row: number) => void }} chart
 */
export function listenToPointer(canvas, { state, data, move, onChoose }) {
  canvas.tabIndex = 0;
  canvas.addEventListener(
    'wheel',
    (event) => {
      const zoomed = zoomByWheel(canvas, event, state);
      if (zoomed === null) return;
      event.preventDefault();
      move(zoomed);
    },
    { passive: false },
  );
  /** @type {{ x: number, range: import('./candle-view.js').Range, moved: number } | null} */
  let drag = null;
  canvas.addEventListener('pointerdown', (event) => {
    drag = { x: event.clientX, range: state.range, moved: 0 };
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener('pointermove', (event) => {
    if (drag === null || state.view === null) return;
    drag.moved = Math.max(drag.moved, Math.abs(event.clientX - drag.x));
    const places = ((drag.x - event.clientX) * (drag.range.to - drag.range.from)) / state.view.plot.width;
    if (drag.moved > CLICK_PX) move({ from: drag.range.from + places, to: drag.range.to + places });
  });
  canvas.addEventListener('pointerup', (event) => {
    const isClick = drag !== null && drag.moved <= CLICK_PX;
    drag = null;
    const row = isClick ? findTradeAt(toCanvasPoint(canvas, event), state, data) : null;
    if (row !== null) onChoose(row);
  });
  canvas.addEventListener('pointercancel', () => {
    drag = null;
  });
  canvas.addEventListener('keydown', (event) => {
    const next = moveByKey(event.key, state);
    if (next === null || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    move(next);
  });
}

/** null: there is nothing to do, the page may scroll. @param {HTMLCanvasElement} canvas @param {WheelEvent} event @param {ChartState} state */
function zoomByWheel(canvas, event, { view, range, candles }) {
  if (view === null || candles === null) return null;
  const width = range.to - range.from;
  if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
    const places = (event.deltaX * width) / view.plot.width;
    return { from: range.from + places, to: range.to + places };
  }
  if (event.deltaY > 0 && width >= candles.close.length) return null;
  const at = range.from + ((toCanvasPoint(canvas, event).x - view.plot.left) / view.plot.width) * width;
  return zoomRange(range, { factor: Math.exp(Math.max(-0.5, Math.min(0.5, event.deltaY / 300))), at });
}

/** @param {string} key @param {ChartState} state @returns {import('./candle-view.js').Range | null} */
function moveByKey(key, { range, candles }) {
  const [width, middle] = [range.to - range.from, (range.from + range.to) / 2];
  switch (key) {
    case 'ArrowLeft':
      return { from: range.from - width / 8, to: range.to - width / 8 };
    case 'ArrowRight':
      return { from: range.from + width / 8, to: range.to + width / 8 };
    case '+':
    case '=':
      return zoomRange(range, { factor: 0.6, at: middle });
    case '-':
      return zoomRange(range, { factor: 1 / 0.6, at: middle });
    case 'Home':
      return { from: 0, to: candles?.close.length ?? 0 };
    default:
      return null;
  }
}

/** @param {HTMLElement} section @param {ChartState} state @param {(range: import('./candle-view.js').Range) => void} move */
export function listenToButtons(section, state, move) {
  for (const [role, key] of /** @type {const} */ ([
    ['zoom-in', '+'],
    ['zoom-out', '-'],
    ['whole', 'Home'],
  ])) {
    part(section, role).addEventListener('click', () => {
      const next = moveByKey(key, state);
      if (next !== null) move(next);
    });
  }
}

/** The trade whose mark is nearest to the point, if one is near. @param {{ x: number, y: number }} point @param {ChartState} state @param {BacktestData} data */
function findTradeAt({ x, y }, { view, placed, isShown }, { trades }) {
  if (view === null) return null;
  /** @type {{ row: number | null, distance: number }} */
  let nearest = { row: null, distance: NEAR_PX };
  placed.rows.forEach((row, index) => {
    if (!isShown(row)) return;
    const entry = Math.hypot(view.toX(placed.entry[index] ?? 0) - x, view.toY(trades.entryPx[row] ?? 0) - y);
    const exit = Math.hypot(view.toX(placed.exit[index] ?? 0) - x, view.toY(trades.exitPx[row] ?? 0) - y);
    const distance = Math.min(entry, exit);
    if (distance < nearest.distance) nearest = { row, distance };
  });
  return nearest.row;
}
