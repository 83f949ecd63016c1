// @ts-check
/** Parallel coordinates: every trial a line over its parameters and figures. Dragging along an axis selects a range; the best k % are coloured. */
import { element, part } from '../../report/page/elements.js';
import { formatCount } from '../../report/page/format.js';
import { toParallelAxes } from './parallel-axes.js';
import { drawParallel, findAxisAt, toPlaceAt } from './parallel-drawing.js';
import { choice, findFigure, isCost, listFigures, offer, rankRows } from './study-data.js';

/** Less room for an axis, and its name cannot be read: the frame scrolls instead. */
const AXIS_ROOM = 92;
/** Grey lines beyond this many say nothing more. */
const MOST_GREY = 2_000;

/**
 * @param {HTMLElement} section
 * @param {import('./study-data.js').StudyData} data
 * @param {(selected: ReadonlySet<number> | null) => void} onSelect rows within all brushes; null: nothing is brushed
 * @returns {{ show: (period: string) => void, redraw: () => void }}
 */
export function createParallel(section, data, onSelect) {
  const canvas = /** @type {HTMLCanvasElement} */ (section.querySelector('canvas'));
  const figureChoice = choice(section, 'figure');
  const slider = /** @type {HTMLInputElement} */ (section.querySelector('input[type="range"]'));
  const state = { period: data.leadingPeriod, axes: toParallelAxes(data, data.leadingPeriod, data.objectives[0] ?? '') };
  /** @type {Map<number, import('./parallel-drawing.js').Brush>} */
  const brushes = new Map();
  const redraw = () => {
    const picture = toPicture(data, { ...state, brushes, figure: figureChoice.value, percent: Number(slider.value) });
    drawParallel(canvas, picture);
    part(section, 'percent').textContent = `${slider.value} %`;
    part(section, 'selection').textContent = describe(picture.coloured.length, data.number.length, brushes.size);
    part(section, 'clear').hidden = brushes.size === 0;
  };
  const select = () => {
    redraw();
    onSelect(brushes.size === 0 ? null : new Set(listWithin(state.axes, brushes)));
  };
  const ranges = makeRanges(section, state, (axis, brush) => {
    if (brush === null) brushes.delete(axis);
    else brushes.set(axis, brush);
    select();
  });
  const rebuild = () => {
    brushes.clear();
    state.axes = toParallelAxes(data, state.period, figureChoice.value);
    canvas.style.minWidth = `${state.axes.length * AXIS_ROOM}px`;
    ranges.build();
    select();
  };
  figureChoice.addEventListener('change', rebuild);
  slider.addEventListener('input', redraw);
  part(section, 'clear').addEventListener('click', () => {
    brushes.clear();
    ranges.build();
    select();
  });
  listenToBrush(canvas, { state, brushes, select });
  new ResizeObserver(redraw).observe(canvas);
  return {
    show(period) {
      state.period = period;
      offer(figureChoice, listFigures(data, period));
      rebuild();
    },
    redraw,
  };
}

/** @param {number} coloured @param {number} all @param {number} brushes */
function describe(coloured, all, brushes) {
  const within = brushes === 0 ? '' : ' within the selected ranges';
  return `${formatCount(coloured)} of ${formatCount(all)} trials coloured${within}`;
}

/** Rows that lie within all brushes. @param {readonly import('./parallel-axes.js').ParallelAxis[]} axes @param {ReadonlyMap<number, import('./parallel-drawing.js').Brush>} brushes */
function listWithin(axes, brushes) {
  const rows = Array.from(axes[0]?.values ?? [], (_, row) => row);
  return rows.filter((row) =>
    [...brushes].every(([axis, { from, to }]) => {
      const place = axes[axis]?.places[row] ?? null;
      return place !== null && place >= from - 1e-9 && place <= to + 1e-9;
    }),
  );
}

/**
 * @param {import('./study-data.js').StudyData} data
 * @param {{ axes: readonly import('./parallel-axes.js').ParallelAxis[], brushes: ReadonlyMap<number, import('./parallel-drawing.js').Brush>,
 *   period: string, figure: string, percent: number }} view
 * @returns {import('./parallel-drawing.js').Picture}
 */
function toPicture(data, { axes, brushes, period, figure, percent }) {
  const values = findFigure(data, period, figure);
  const ranked = rankRows(values, isCost(figure));
  const defined = values.filter((value) => value !== null).length;
  const best = ranked.subarray(0, Math.max(1, Math.ceil((defined * percent) / 100)));
  const within = new Set(listWithin(axes, brushes));
  const coloured = [...best].filter((row) => within.has(row)).reverse();
  const isColoured = new Set(coloured);
  const others = [...ranked].filter((row) => !isColoured.has(row));
  const step = Math.max(1, others.length / MOST_GREY);
  const grey = Array.from({ length: Math.min(others.length, MOST_GREY) }, (_, index) => others[Math.floor(index * step)] ?? 0);
  const rankOf = new Map(Array.from(ranked, (row, rank) => [row, rank]));
  return { axes, brushes, grey, coloured, toShade: (row) => 1 - (rankOf.get(row) ?? 0) / Math.max(1, best.length) };
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {{ state: { axes: readonly unknown[] }, brushes: Map<number, import('./parallel-drawing.js').Brush>, select: () => void }} brushing
 */
function listenToBrush(canvas, { state, brushes, select }) {
  /** @type {{ axis: number, start: number } | null} */
  let drag = null;
  const placeOf = (/** @type {PointerEvent} */ event) => toPlaceAt(event.clientY - canvas.getBoundingClientRect().top, canvas.clientHeight);
  canvas.addEventListener('pointerdown', (event) => {
    const axis = findAxisAt(event.clientX - canvas.getBoundingClientRect().left, state.axes.length, canvas.clientWidth);
    if (axis < 0) return;
    drag = { axis, start: placeOf(event) };
    canvas.setPointerCapture(event.pointerId);
    brushes.delete(axis);
    select();
  });
  canvas.addEventListener('pointermove', (event) => {
    if (drag === null) return;
    const place = placeOf(event);
    // A click without a drag takes the range away.
    if (Math.abs(place - drag.start) < 0.01) return;
    brushes.set(drag.axis, { from: Math.min(drag.start, place), to: Math.max(drag.start, place) });
    select();
  });
  for (const kind of ['pointerup', 'pointercancel'])
    canvas.addEventListener(kind, () => {
      drag = null;
    });
}

/**
 * The same selection by keyboard: two numbers per axis.
 * @param {HTMLElement} section
 * @param {{ axes: readonly import('./parallel-axes.js').ParallelAxis[] }} state
 * @param {(axis: number, brush: import('./parallel-drawing.js').Brush | null) => void} onChange
 */
function makeRanges(section, state, onChange) {
  const holder = part(section, 'ranges');
  const build = () => {
    holder.replaceChildren(
      ...state.axes.flatMap((axis, index) => {
        if (!axis.isNumber) return [];
        const inputs = ['from', 'to'].map((word) =>
          element('input', { type: 'number', step: 'any', placeholder: word, 'aria-label': `${axis.title} ${word}` }),
        );
        for (const input of inputs)
          input.addEventListener('change', () => {
            const [from = '', to = ''] = inputs.map(({ value }) => value);
            const brush = { from: from === '' ? 0 : axis.toPlace(Number(from)), to: to === '' ? 1 : axis.toPlace(Number(to)) };
            onChange(index, from === '' && to === '' ? null : brush);
          });
        return [element('fieldset', {}, [element('legend', { text: axis.title }), ...inputs])];
      }),
    );
  };
  return { build };
}
