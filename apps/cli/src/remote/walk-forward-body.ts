/** A study file and the lengths of windows as the request that a server takes. What the request cannot say is refused, never left out. */
import type { Duration, StudyPlan } from '@quantbot/backtest';
import { AppError, SamplerSchema, type BodyInputOf, type OPTIMISATION_ROUTES, type Parameter } from '@quantbot/core';

export type WalkForwardRequestBody = BodyInputOf<(typeof OPTIMISATION_ROUTES)['walkForward']>;
type Axis = WalkForwardRequestBody['optimize_params'][string];

type Shared = 'optimize_params' | 'objective' | 'sampler' | 'trials' | 'simulation' | 'name';

/** Throws USAGE that names what a server cannot be told. */
export function toSearchFields(plan: StudyPlan): Pick<WalkForwardRequestBody, Shared> {
  refuseUntold(plan);
  return {
    name: plan.name,
    optimize_params: Object.fromEntries(plan.space.parameters.map((parameter) => [parameter.name, toAxis(parameter)])),
    ...(plan.objectives[0] !== undefined && { objective: plan.objectives[0] }),
    sampler: plan.sampler.name,
    ...(plan.trials !== undefined && { trials: plan.trials }),
    simulation: plan.simulation,
  };
}

function refuseUntold(plan: StudyPlan): void {
  const { space, sampler, periods, resultConstraints, successCriteria, equityFloor } = plan;
  const untold: readonly (readonly [string, boolean])[] = [
    ['parameters (those of the strategy are not known here; write them into the study file)', space.parameters.length === 0],
    ['constraints between parameters', space.constraints.length > 0],
    ['parameters with `when`', space.parameters.some(({ when }) => when.length > 0)],
    ['fields of the sampler besides its name', JSON.stringify(sampler) !== JSON.stringify(SamplerSchema.parse({ name: sampler.name }))],
    ['periods other than `all`', periods.join() !== 'all'],
    ['constraints on results', resultConstraints.length > 0],
    ['success criteria', Object.keys(successCriteria).length > 0],
    ['equity_floor', equityFloor !== null],
  ];
  const found = untold.filter(([, isThere]) => isThere).map(([what]) => what);
  if (found.length === 0) return;
  throw new AppError('USAGE', `a server cannot be told of ${found.join('; ')}: run this study file in the workspace itself`);
}

function toAxis(parameter: Parameter): Axis {
  switch (parameter.kind) {
    case 'categorical':
      return parameter.values;
    case 'range':
      return { low: parameter.start, high: parameter.start + parameter.step * (parameter.count - 1), step: parameter.step };
    case 'int':
    case 'float': {
      const { name, kind, low, high, log } = parameter;
      // The server takes whole bounds for whole numbers, as a study file does.
      if (kind === 'float' && Number.isInteger(low) && Number.isInteger(high))
        throw new AppError('USAGE', `a server cannot be told that ${name} is no whole number: write one of its bounds with a fraction`);
      return { low, high, log };
    }
  }
}

const DAY_MS = 86_400_000;
const DAYS_PER_MONTH = 365.25 / 12;
/** Shorter than any average month, so that a server turns the share of a month into the same days again. */
const MOST_DAYS = 30;

/** Whole months, or days up to 30 as a share of a month. */
export function toMonths(flag: string, { months, ms }: Duration): number {
  if (ms === 0) return months;
  const days = ms / DAY_MS;
  if (months === 0 && Number.isInteger(days) && days <= MOST_DAYS) return days / DAYS_PER_MONTH;
  throw new AppError('USAGE', `${flag}: a server takes whole months and years such as 6mo and 1y, or up to ${MOST_DAYS} days such as 15d`);
}
