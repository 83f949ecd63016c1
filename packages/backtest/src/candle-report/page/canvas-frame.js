// @ts-check
/** A canvas that stays sharp and as wide as its place, and the axes that charts on it share. */
import { element } from '../../report/page/elements.js';
import { readColour } from '../../report/page/theme.js';

const FONT = '12px ui-sans-serif, system-ui, sans-serif';

/**
 * @typedef {object} Palette colours at the moment
 * @property {string} text
 * @property {string} muted
 * @property {string} line
 * @property {string} gain
 * @property {string} loss
 * @property {string} page
 * @property {string} accent
 *
 * @typedef {object} Surface
 * @property {CanvasRenderingContext2D} context in CSS pixels
 * @property {number} width
 * @property {number} height
 * @property {Palette} colours
 *
 * @typedef {object} Plot where the data stands, in pixels
 * @property {number} left
 * @property {number} top
 * @property {number} width
 * @property {number} height
 */

/**
 * @param {HTMLElement} root
 * @param {{ height: number, label: string, draw: (surface: Surface) => void }} chart
 * @returns {{ canvas: HTMLCanvasElement, redraw: () => void, recolour: () => void }}
 */
export function makeCanvas(root, { height, label, draw }) {
  const canvas = element('canvas', { role: 'img', 'aria-label': label });
  root.replaceChildren(canvas);
  let colours = readPalette();
  let isWaiting = false;
  const paint = () => {
    isWaiting = false;
    const width = root.clientWidth;
    const context = canvas.getContext('2d');
    if (context === null || width === 0) return;
    const ratio = devicePixelRatio;
    const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (canvas.width !== wide || canvas.height !== high) {
      canvas.width = wide;
      canvas.height = high;
      canvas.style.height = `${height}px`;
    }
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    context.font = FONT;
    draw({ context, width, height, colours });
  };
  const redraw = () => {
    if (isWaiting) return;
    isWaiting = true;
    requestAnimationFrame(paint);
  };
  new ResizeObserver(redraw).observe(root);
  return {
    canvas,
    redraw,
    recolour: () => {
      colours = readPalette();
      redraw();
    },
  };
}

/** @returns {Palette} */
function readPalette() {
  return {
    text: readColour('--text'),
    muted: readColour('--muted'),
    line: readColour('--line'),
    gain: readColour('--gain'),
    loss: readColour('--loss'),
    page: readColour('--page'),
    accent: readColour('--accent'),
  };
}

/**
 * Lines across the plot with names to the left.
 * @param {Surface} surface
 * @param {Plot} plot
 * @param {{ ticks: readonly number[], toY: (value: number) => number, format: (value: number) => string }} axis
 */
export function drawVerticalAxis({ context, colours }, plot, { ticks, toY, format }) {
  context.textAlign = 'right';
  context.textBaseline = 'middle';
  context.strokeStyle = colours.line;
  context.fillStyle = colours.muted;
  context.lineWidth = 1;
  for (const tick of ticks) {
    const y = Math.round(toY(tick)) + 0.5;
    context.beginPath();
    context.moveTo(plot.left, y);
    context.lineTo(plot.left + plot.width, y);
    context.stroke();
    context.fillText(format(tick), plot.left - 8, y);
  }
}

/**
 * Lines down the plot with names below; names that would touch the one before are left out.
 * @param {Surface} surface
 * @param {Plot} plot
 * @param {{ ticks: readonly { x: number, name: string }[] }} axis
 */
export function drawHorizontalAxis({ context, colours, width }, plot, { ticks }) {
  context.textAlign = 'center';
  context.textBaseline = 'top';
  context.strokeStyle = colours.line;
  context.lineWidth = 1;
  let free = 0;
  for (const { x, name } of ticks) {
    const at = Math.round(x) + 0.5;
    context.beginPath();
    context.moveTo(at, plot.top);
    context.lineTo(at, plot.top + plot.height);
    context.stroke();
    const half = context.measureText(name).width / 2;
    const centre = Math.min(width - half, Math.max(half, at));
    if (centre - half < free) continue;
    context.fillStyle = colours.muted;
    context.fillText(name, centre, plot.top + plot.height + 7);
    free = centre + half + 12;
  }
}

/** Where the pointer is, in pixels of the canvas. @param {HTMLCanvasElement} canvas @param {MouseEvent} event */
export function toCanvasPoint(canvas, event) {
  const box = canvas.getBoundingClientRect();
  return { x: event.clientX - box.left, y: event.clientY - box.top };
}

/** @param {CanvasRenderingContext2D} context @param {{ x: number, y: number, size: number, kind: 'up' | 'down' | 'circle' | 'square' }} mark */
export function traceMark(context, { x, y, size, kind }) {
  if (kind === 'circle') {
    context.moveTo(x + size, y);
    context.arc(x, y, size, 0, 2 * Math.PI);
  } else if (kind === 'square') {
    context.rect(x - size, y - size, 2 * size, 2 * size);
  } else {
    const sign = kind === 'up' ? 1 : -1;
    context.moveTo(x, y);
    context.lineTo(x - size, y + sign * size * 1.7);
    context.lineTo(x + size, y + sign * size * 1.7);
    context.closePath();
  }
}
