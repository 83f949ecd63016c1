/**
 * A trial as the JSON text that is stored, and back. The names of figures are left out of it: nearly all trials of a block have the
 * same ones, and a layout, kept once with the block, halves the size of a study.
 */
import type { Figures, Period, PeriodFigures, TrialRecord, TrialState } from '@quantbot/core';
import { toJson, toNumberText } from './exact-json.ts';

/** The names of the figures of a trial, period by period, in the trial's own order. */
interface PeriodLayout {
  readonly period: Period;
  readonly metrics: readonly string[];
  readonly objectives: readonly string[];
}
export type Layout = readonly PeriodLayout[];

/** `[layout within the block, params, values per period, null reasons per period, rejections, error]` */
type StoredTrial = readonly [
  number,
  TrialRecord['params'],
  (number | null)[][],
  PeriodFigures['nullReasons'][],
  string[],
  TrialRecord['error'],
];

export interface StoredRow {
  readonly number: number;
  readonly state: string;
  readonly record: string;
  readonly layouts: string;
}

export function toLayout(trial: TrialRecord): Layout {
  return trial.figures.map(({ period, metrics, objectives }) => ({
    period,
    metrics: Object.keys(metrics),
    objectives: Object.keys(objectives),
  }));
}

export function toEntryText(value: number | null | undefined): string {
  return value === null || value === undefined ? 'null' : toNumberText(value);
}

function toValuesText({ metrics, objectives }: PeriodFigures): string {
  return `[${[...Object.values(metrics), ...Object.values(objectives)].map(toEntryText).join(',')}]`;
}

/** `layout`: the place of its layout among those of the block. */
export function encodeTrial(trial: TrialRecord, layout: number): string {
  const values = `[${trial.figures.map(toValuesText).join(',')}]`;
  const nullReasons = toJson(trial.figures.map((figures) => figures.nullReasons));
  return `[${String(layout)},${toJson(trial.params)},${values},${nullReasons},${toJson(trial.rejections)},${toJson(trial.error)}]`;
}

function nameValues(names: readonly string[], values: readonly (number | null)[], start: number): Figures {
  const figures: Record<string, number | null> = {};
  names.forEach((name, index) => {
    const value = values[start + index];
    if (value === undefined) throw new SyntaxError('a trial holds fewer figures than its block names');
    // An assignment to this one name would set the prototype instead.
    if (name === '__proto__') Object.defineProperty(figures, name, { value, enumerable: true, writable: true, configurable: true });
    else figures[name] = value;
  });
  return figures;
}

/** Decodes rows; remembers the layouts of the last block, which the next row most likely shares. SyntaxError: a row is damaged. */
export function createTrialDecoder(): (row: StoredRow) => TrialRecord {
  let layoutsText = '[]';
  let layouts: readonly Layout[] = [];
  return (row) => {
    if (row.layouts !== layoutsText) {
      layouts = JSON.parse(row.layouts) as Layout[];
      layoutsText = row.layouts;
    }
    const [layoutIndex, params, values, nullReasons, rejections, error] = JSON.parse(row.record) as StoredTrial;
    const layout = layouts[layoutIndex];
    if (layout === undefined) throw new SyntaxError('the block of a trial lacks its layout');
    const figures = layout.map(({ period, metrics, objectives }, index): PeriodFigures => {
      const periodValues = values[index] ?? [];
      return {
        period,
        metrics: nameValues(metrics, periodValues, 0),
        objectives: nameValues(objectives, periodValues, metrics.length),
        nullReasons: nullReasons[index] ?? {},
      };
    });
    return { number: row.number, state: row.state as TrialState, params, figures, rejections, error };
  };
}
