/** What the dashboard's scripts get: columns of numbers for the trials that it shows. Everything else is in the files beside it. */
import type { ParameterValue, Study } from '@quantbot/core';
import { readStudySpec } from '../study/study-spec.ts';
import type { StudyTally } from './study-tally.ts';
import { toLeader } from './study-tally.ts';
import type { TopCurve } from './top-curves.ts';
import { COMPARED_METRICS, type TrialColumns } from './trial-columns.ts';

/** As much as a browser sorts and draws without making the reader wait. */
const MOST_ROWS = 5_000;
/** Half of the room goes to the best by the first objective; each other objective and period adds its best few. */
const BEST_OF_FIRST = 2_500;
const BEST_OF_OTHERS = 100;
const SIGNIFICANT_DIGITS = 7;

export interface DashboardInput {
  readonly study: Study;
  readonly tally: StudyTally;
  readonly columns: TrialColumns;
  readonly curves: readonly TopCurve[];
}

export interface ChosenRows {
  readonly rows: readonly number[];
  /** Of them: best by the first objective in the leading period. */
  readonly best: number;
}

/** All rows if they fit; else the best ones and an even sample of the rest. Failed trials are listed elsewhere. */
export function chooseRows(columns: TrialColumns, study: Study, most = MOST_ROWS): ChosenRows {
  const { objectives, periods } = study.definition;
  const usable = columns.listRows().filter((row) => columns.state[row] !== 'failed');
  if (usable.length <= most) return { rows: usable, best: usable.length };
  const leading = readStudySpec(study).leading_period;
  const bestOfFirst = Math.min(BEST_OF_FIRST, Math.floor(most / 2));
  const chosen = new Set(columns.rank(leading, objectives[0] ?? '', usable).slice(0, bestOfFirst));
  const others = periods.flatMap((period) => objectives.map((objective) => ({ period, objective })));
  const room = Math.floor((most - bestOfFirst) / 2 / others.length);
  for (const { period, objective } of others) {
    for (const row of columns.rank(period, objective, usable).slice(0, Math.min(BEST_OF_OTHERS, room))) chosen.add(row);
  }
  const rest = usable.filter((row) => !chosen.has(row));
  const step = rest.length / (most - chosen.size);
  for (let index = 0; chosen.size < most; index += 1) chosen.add(rest[Math.floor(index * step)] ?? 0);
  return { rows: [...chosen].sort((a, b) => a - b), best: bestOfFirst };
}

export function toDashboardData({ study, tally, columns, curves }: DashboardInput, { rows }: ChosenRows): object {
  const spec = readStudySpec(study);
  const { objectives, periods } = study.definition;
  const rejections = [...new Set(rows.flatMap((row) => columns.rejections[row] ?? []))];
  const figures = [...new Set<string>([...objectives, ...COMPARED_METRICS])];
  return {
    objectives,
    periods,
    leadingPeriod: spec.leading_period,
    trials: study.trialsRecorded,
    parameters: spec.space.parameters.map(({ name, kind, ...rest }) => ({
      name,
      isLog: 'log' in rest && rest.log,
      isCategory: kind === 'categorical',
    })),
    rejections,
    number: rows.map((row) => columns.number[row]),
    state: rows.map((row) => (columns.state[row] === 'pruned' ? 1 : 0)),
    rejectedBy: rows.map((row) => (columns.rejections[row] ?? []).map((reason) => rejections.indexOf(reason))),
    params: spec.space.parameters.map(({ name }) => rows.map((row): ParameterValue | null => columns.params[row]?.[name] ?? null)),
    figures: periods.flatMap((period) =>
      figures.flatMap((name) => {
        const values = rows.map((row) => toDisplayed(columns.find(row, period, name)));
        return values.every((value) => value === null) ? [] : [{ period, name, values }];
      }),
    ),
    races: tally.races.map((race) => {
      const { improvements } = toLeader(race);
      return {
        objective: race.objective,
        period: race.period,
        number: improvements.map(({ number }) => number),
        value: improvements.map(({ value }) => toDisplayed(value)),
      };
    }),
    curves: curves.map((curve) => ({ ...curve, equity: curve.equity.map(toDisplayed) })),
  };
}

/** Seven digits are more than a screen shows, and half the size of the file. */
function toDisplayed(value: number | null): number | null {
  return value === null ? null : Number(value.toPrecision(SIGNIFICANT_DIGITS));
}
