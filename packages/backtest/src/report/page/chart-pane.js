// @ts-check
/** One chart drawn with uPlot: stepped lines over time (UTC) or over plain numbers, in the colours of the page. */
import { element } from './elements.js';
import { readColour } from './theme.js';

const AXIS_WIDTH = 64;

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
export function uPlotLibrary() {
  return /** @type {typeof globalThis & { uPlot: typeof import('uplot') }} */ (globalThis).uPlot;
}

/** Capital stays where it is until the next position is closed. */
export function stepped() {
  const build = uPlotLibrary().paths.stepped;
  if (build === undefined) throw new Error('the chart library was built without stepped lines');
  return build({ align: 1 });
}

/**
 * @typedef {object} Pane
 * @property {number} width
 * @property {number} height
 * @property {string} title
 * @property {{ muted: string, line: string }} colours
 * @property {import('uplot').Series[]} series
 * @property {import('uplot').AlignedData} columns
 * @property {(value: number) => string} format of the vertical axis
 * @property {'time' | 'number' | 'hidden'} xAxis seconds in UTC, plain numbers, or seconds without names because the pane below has them
 * @property {(self: unknown, low: number, high: number) => [number, number]} [yRange]
 * @property {(low: number, high: number) => number[]} [ySplits] where the vertical axis has its names
 * @property {(index: number | null) => void} onCursor
 */

/**
 * @param {HTMLElement} root
 * @param {Pane} pane
 */
export function makePane(root, { width, height, title, colours, series, columns, format, xAxis, yRange, ySplits, onCursor }) {
  const uPlot = uPlotLibrary();
  const axis = {
    stroke: colours.muted,
    font: '12px ui-sans-serif, system-ui, sans-serif',
    grid: { stroke: colours.line, width: 1 },
    ticks: { show: false },
  };
  const holder = element('figure', { class: 'pane' }, [element('figcaption', { text: title })]);
  root.append(holder);
  const names = { time: { size: 40, values: nameTimes }, number: { size: 30 }, hidden: { size: 10, values: () => [] } };
  /** @type {import('uplot').Options} */
  const options = {
    width,
    height,
    legend: { show: false },
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC'),
    scales: { x: { time: xAxis !== 'number' }, ...(yRange === undefined ? {} : { y: { range: yRange } }) },
    axes: [
      { ...axis, space: 70, ...names[xAxis] },
      {
        ...axis,
        size: AXIS_WIDTH,
        values: (_self, values) => values.map(format),
        ...(ySplits === undefined ? {} : { splits: (...[, , low, high]) => ySplits(low, high) }),
      },
    ],
    series: [{}, ...series],
    cursor: { ...(xAxis === 'number' ? {} : { sync: { key: 'report' } }), y: false, dataIdx: findPointBefore, points: { size: 7 } },
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

/** From a little below the deepest fall up to zero. @param {unknown} _self @param {number} low @returns {[number, number]} */
export function toDrawdownRange(_self, low) {
  return [Math.min(low * 1.08, -0.01), 0];
}

/** Distance below the highest capital so far, as a fraction, zero or negative: the picture of the engine's drawdown. @param {readonly number[]} equity */
export function toUnderwater(equity) {
  let peak = -Infinity;
  return equity.map((value) => {
    peak = Math.max(peak, value);
    return value / peak - 1;
  });
}

/** The colours of lines at the moment. */
export function readChartColours() {
  return {
    gain: readColour('--gain'),
    loss: readColour('--loss'),
    lossFill: readColour('--loss-fill'),
    muted: readColour('--muted'),
    line: readColour('--line'),
  };
}

/**
 * The last point at or before the cursor, since the capital holds until the next one.
 * @param {[self: import('uplot'), series: number, closest: number, seconds: number]} cursor
 */
function findPointBefore(...[self, , closest, seconds]) {
  return closest > 0 && (self.data[0][closest] ?? 0) > seconds ? closest - 1 : closest;
}
