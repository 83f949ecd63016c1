// @ts-check
/** Draws candles with their axes. Hollow candles rose, filled ones fell: colours are left to profit and loss. */
import { drawHorizontalAxis, drawVerticalAxis } from './canvas-frame.js';
import { toTickFormat, toTicks } from './ticks.js';

const TICK_SPACE_PX = 92;
const DAY_S = 86_400;

const shortDay = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' });

/**
 * @param {import('./canvas-frame.js').Surface} surface
 * @param {import('./candle-view.js').View} view
 * @param {import('./backtest-data.js').Candles} candles
 */
export function drawCandles(surface, view, candles) {
  const ticks = toTicks(view.low, view.high, 6);
  drawVerticalAxis(surface, view.plot, { ticks, toY: view.toY, format: toTickFormat(ticks) });
  drawHorizontalAxis(surface, view.plot, { ticks: toTimeTicks(view, candles) });
  const { context, colours } = surface;
  context.save();
  context.beginPath();
  context.rect(view.plot.left, 0, view.plot.width, view.plot.top + view.plot.height);
  context.clip();
  const step = view.toX(view.join) - view.toX(0);
  const body = Math.max(1, Math.min(14, step * 0.66));
  context.strokeStyle = colours.muted;
  context.fillStyle = colours.muted;
  context.lineWidth = 1;
  context.beginPath();
  for (const candle of view.drawn) {
    const x = Math.round(view.toX(candle.first + view.join / 2)) + 0.5;
    context.moveTo(x, view.toY(candle.high));
    context.lineTo(x, view.toY(candle.low));
  }
  context.stroke();
  if (body >= 2) for (const candle of view.drawn) drawBody(surface, view, { candle, body });
  context.restore();
}

/**
 * @param {import('./canvas-frame.js').Surface} surface
 * @param {import('./candle-view.js').View} view
 * @param {{ candle: import('./candle-view.js').JoinedCandle, body: number }} drawn
 */
function drawBody({ context, colours }, view, { candle, body }) {
  const x = Math.round(view.toX(candle.first + view.join / 2) - body / 2) + 0.5;
  const [top, bottom] = [view.toY(Math.max(candle.open, candle.close)), view.toY(Math.min(candle.open, candle.close))];
  const height = Math.max(1, bottom - top);
  if (candle.close < candle.open) {
    context.fillRect(x, top, body, height);
    return;
  }
  context.fillStyle = colours.page;
  context.fillRect(x, top, body, height);
  context.fillStyle = colours.muted;
  context.strokeRect(x, top, body, height);
}

/** Days, or hours when the view is short; the year with the first and wherever it begins. @param {import('./candle-view.js').View} view @param {import('./backtest-data.js').Candles} candles */
function toTimeTicks({ range, plot, toX }, { seconds }) {
  const count = Math.max(2, Math.floor(plot.width / TICK_SPACE_PX));
  const step = Math.max(1, Math.round((range.to - range.from) / count));
  const first = Math.ceil(range.from / step) * step;
  const places = Array.from({ length: count + 2 }, (_, index) => first + index * step).filter(
    (place) => place < Math.min(range.to, seconds.length),
  );
  const span = (seconds[places.at(-1) ?? 0] ?? 0) - (seconds[places[0] ?? 0] ?? 0);
  let [year, day] = [0, ''];
  return places.map((place) => {
    const date = new Date((seconds[place] ?? 0) * 1000);
    const name = shortDay.format(date);
    const isNewYear = date.getUTCFullYear() !== year;
    const isNewDay = name !== day;
    [year, day] = [date.getUTCFullYear(), name];
    const dated = isNewYear ? `${name} ${year}` : name;
    const hour = date.toISOString().slice(11, 16);
    const isDay = span > DAY_S * count || hour === '00:00';
    return { x: toX(place), name: isDay ? dated : isNewDay ? `${dated} ${hour}` : hour };
  });
}
