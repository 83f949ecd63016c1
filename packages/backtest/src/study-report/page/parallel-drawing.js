// @ts-check
/** Draws parallel coordinates on a canvas: grey lines for trials outside the selection, coloured ones on top, brushes on the axes. */
import { readColour } from '../../report/page/theme.js';

const TOP = 34;
const BOTTOM = 24;
const SIDE = 54;

/**
 * @typedef {{ from: number, to: number }} Brush places on an axis, from <= to
 *
 * @typedef {object} Picture
 * @property {readonly import('./parallel-axes.js').ParallelAxis[]} axes
 * @property {ReadonlyMap<number, Brush>} brushes by number of the axis
 * @property {readonly number[]} grey rows
 * @property {readonly number[]} coloured rows, the best last
 * @property {(row: number) => number} toShade 0 the worst, 1 the best
 */

/** @param {number} axis @param {number} axes @param {number} width */
export function toAxisX(axis, axes, width) {
  return axes === 1 ? width / 2 : SIDE + (axis / (axes - 1)) * (width - 2 * SIDE);
}

/** @param {number} place @param {number} height */
export function toPlaceY(place, height) {
  return TOP + (1 - place) * (height - TOP - BOTTOM);
}

/** @param {number} y @param {number} height */
export function toPlaceAt(y, height) {
  return Math.min(1, Math.max(0, 1 - (y - TOP) / (height - TOP - BOTTOM)));
}

/** The axis nearest to a point, or -1 if none is near. @param {number} x @param {number} axes @param {number} width */
export function findAxisAt(x, axes, width) {
  const gap = axes === 1 ? width : (width - 2 * SIDE) / (axes - 1);
  for (let axis = 0; axis < axes; axis += 1) if (Math.abs(x - toAxisX(axis, axes, width)) < Math.min(24, gap / 2)) return axis;
  return -1;
}

/** @param {HTMLCanvasElement} canvas @param {Picture} picture */
export function drawParallel(canvas, { axes, brushes, grey, coloured, toShade }) {
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  const ratio = devicePixelRatio || 1;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const pen = canvas.getContext('2d');
  if (pen === null) return;
  pen.scale(ratio, ratio);
  pen.clearRect(0, 0, width, height);
  const colours = {
    grey: readColour('--thread'),
    worst: readColour('--ramp-loss'),
    middle: readColour('--ramp-thread'),
    best: readColour('--ramp-gain'),
    text: readColour('--text'),
    muted: readColour('--muted'),
    brush: readColour('--accent'),
  };
  const size = { width, height };
  drawLines(pen, { axes, rows: grey, size, alpha: toAlpha(grey.length) / 2, toStroke: () => colours.grey });
  const toStroke = (/** @type {number} */ row) => {
    const shade = toShade(row);
    return shade > 2 / 3 ? colours.best : shade > 1 / 3 ? colours.middle : colours.worst;
  };
  drawLines(pen, { axes, rows: coloured, size, alpha: toAlpha(coloured.length), toStroke });
  drawAxes(pen, { axes, brushes, size, colours });
}

/** Many lines are drawn thinly, so that where they run together can be seen. @param {number} lines */
function toAlpha(lines) {
  return Math.min(0.9, Math.max(0.12, 30 / Math.max(1, lines)));
}

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {{ axes: readonly import('./parallel-axes.js').ParallelAxis[], rows: readonly number[], size: { width: number, height: number },
 *   alpha: number, toStroke: (row: number) => string }} lines
 */
function drawLines(pen, { axes, rows, size, alpha, toStroke }) {
  pen.globalAlpha = alpha;
  pen.lineWidth = 1.2;
  for (const row of rows) {
    pen.strokeStyle = toStroke(row);
    pen.beginPath();
    let isDown = false;
    axes.forEach(({ places }, axis) => {
      const place = places[row] ?? null;
      if (place === null) {
        isDown = false;
        return;
      }
      const [x, y] = [toAxisX(axis, axes.length, size.width), toPlaceY(place, size.height)];
      if (isDown) pen.lineTo(x, y);
      else pen.moveTo(x, y);
      isDown = true;
    });
    pen.stroke();
  }
  pen.globalAlpha = 1;
}

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {{ axes: readonly import('./parallel-axes.js').ParallelAxis[], brushes: ReadonlyMap<number, Brush>, size: { width: number, height: number },
 *   colours: { text: string, muted: string, brush: string } }} input
 */
function drawAxes(pen, { axes, brushes, size, colours }) {
  pen.textAlign = 'center';
  axes.forEach(({ title, low, high }, axis) => {
    const x = toAxisX(axis, axes.length, size.width);
    const [top, bottom] = [toPlaceY(1, size.height), toPlaceY(0, size.height)];
    pen.strokeStyle = colours.muted;
    pen.lineWidth = 1;
    pen.beginPath();
    pen.moveTo(x, top);
    pen.lineTo(x, bottom);
    pen.stroke();
    pen.fillStyle = colours.text;
    pen.font = '600 12px ui-sans-serif, system-ui, sans-serif';
    const room = (size.width - SIDE) / axes.length;
    pen.fillText(toFitted(pen, title, room), x, 12);
    pen.fillStyle = colours.muted;
    pen.font = '11.5px ui-sans-serif, system-ui, sans-serif';
    pen.fillText(toFitted(pen, high, room), x, 27);
    pen.fillText(toFitted(pen, low, room), x, size.height - 8);
    const brush = brushes.get(axis);
    if (brush === undefined) return;
    const [upper, lower] = [toPlaceY(brush.to, size.height), toPlaceY(brush.from, size.height)];
    pen.fillStyle = colours.brush;
    pen.globalAlpha = 0.28;
    pen.fillRect(x - 8, upper, 16, Math.max(2, lower - upper));
    pen.globalAlpha = 1;
    pen.strokeStyle = colours.brush;
    pen.strokeRect(x - 8, upper, 16, Math.max(2, lower - upper));
  });
}

/** @param {CanvasRenderingContext2D} pen @param {string} text @param {number} room */
function toFitted(pen, text, room) {
  let fitted = text;
  while (fitted.length > 1 && pen.measureText(fitted).width > room - 6) fitted = `${fitted.slice(0, fitted.endsWith('…') ? -2 : -1)}…`;
  return fitted;
}
