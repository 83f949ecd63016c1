// @ts-check
/** Which part of the candles is in view, joined to coarser ones while they would be too thin to be seen, and where times and prices stand. */

const MARGIN = { left: 68, right: 10, top: 12, bottom: 30 };
const FEWEST = 12;
const THINNEST_PX = 3;

/**
 * @typedef {import('./backtest-data.js').Candles} Candles
 * @typedef {{ from: number, to: number }} Range candles as a place in the series: 2.5 is the middle of the third one
 *
 * @typedef {object} JoinedCandle
 * @property {number} first place of its first candle
 * @property {number} open
 * @property {number} high
 * @property {number} low
 * @property {number} close
 *
 * @typedef {object} View
 * @property {import('./canvas-frame.js').Plot} plot
 * @property {Range} range
 * @property {number} join candles that each drawn one is made of
 * @property {JoinedCandle[]} drawn
 * @property {(place: number) => number} toX
 * @property {(price: number) => number} toY
 * @property {number} low
 * @property {number} high
 */

/** Inside the series and not too narrow. @param {Range} range @param {number} count @returns {Range} */
export function clampRange({ from, to }, count) {
  const width = Math.min(count, Math.max(Math.min(FEWEST, count), to - from));
  const start = Math.min(count - width, Math.max(0, from + (to - from - width) / 2));
  return { from: start, to: start + width };
}

/** Keeps the place under the pointer where it is. @param {Range} range @param {{ factor: number, at: number }} zoom @returns {Range} */
export function zoomRange({ from, to }, { factor, at }) {
  return { from: at - (at - from) * factor, to: at + (to - at) * factor };
}

/**
 * @param {Candles} candles
 * @param {Range} range
 * @param {{ width: number, height: number, levels: readonly number[] }} space `levels`: prices that must be in view too
 * @returns {View}
 */
export function toView(candles, range, { width, height, levels }) {
  const plot = {
    left: MARGIN.left,
    top: MARGIN.top,
    width: Math.max(50, width - MARGIN.left - MARGIN.right),
    height: height - MARGIN.top - MARGIN.bottom,
  };
  const scale = plot.width / Math.max(1e-9, range.to - range.from);
  const join = toJoin(THINNEST_PX / scale);
  const drawn = joinCandles(candles, range, join);
  let [low, high] = [Math.min(...levels), Math.max(...levels)];
  for (const candle of drawn) {
    low = Math.min(low, candle.low);
    high = Math.max(high, candle.high);
  }
  const padding = (high - low || high * 0.01) * 0.06;
  [low, high] = [low - padding, high + padding];
  return {
    plot,
    range,
    join,
    drawn,
    low,
    high,
    toX: (place) => plot.left + (place - range.from) * scale,
    toY: (price) => plot.top + ((high - price) / (high - low)) * plot.height,
  };
}

/** Steps that make familiar timeframes of most candles. @param {number} least */
function toJoin(least) {
  const steps = [1, 2, 4, 6, 12, 24, 48, 96, 168, 336, 720, 1440, 2880, 5760];
  return steps.find((step) => step >= least) ?? Math.ceil(least);
}

/**
 * Groups begin at multiples of `join`, so that moving the view does not change them.
 * @param {Candles} candles
 * @param {Range} range
 * @param {number} join
 * @returns {JoinedCandle[]}
 */
function joinCandles({ open, high, low, close }, { from, to }, join) {
  const joined = [];
  const last = Math.min(close.length, Math.ceil(to));
  for (let first = Math.floor(from / join) * join; first < last; first += join) {
    const end = Math.min(close.length, first + join);
    let [top, bottom] = [-Infinity, Infinity];
    for (let place = first; place < end; place += 1) {
      top = Math.max(top, high[place] ?? -Infinity);
      bottom = Math.min(bottom, low[place] ?? Infinity);
    }
    joined.push({ first, open: open[first] ?? 0, high: top, low: bottom, close: close[end - 1] ?? 0 });
  }
  return joined;
}

/**
 * Where a moment stands in the series. A fill is drawn in the middle of the candle that it was simulated on.
 * @param {Candles} candles
 * @param {number} second opening time of that candle
 * @param {number} intervalS length of that candle
 */
export function toPlace(candles, second, intervalS) {
  const place = findCandle(candles.seconds, second);
  const inside = (second - (candles.seconds[place] ?? second) + intervalS / 2) / candles.intervalS;
  return place + Math.min(0.98, Math.max(0.02, inside));
}

/** The last candle that opens at or before it; the first if none does. @param {readonly number[]} seconds @param {number} second */
export function findCandle(seconds, second) {
  let [low, high] = [0, seconds.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((seconds[middle] ?? Infinity) <= second) low = middle;
    else high = middle - 1;
  }
  return low;
}
