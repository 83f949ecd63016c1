/** Parameters of a study file, in all the ways people write them → the axes of a search space. */
import { ParameterSchema, type Parameter } from '@quantbot/core';
import { z } from 'zod';

const Scalar = z.union([z.number(), z.string(), z.boolean()]);
const When = z.record(z.string(), z.union([Scalar, z.array(Scalar).min(1)]));
const common = { when: When.optional() };

/** One entry under `parameters`. */
export const WrittenParameterSchema = z.union([
  z.strictObject({ start: z.number(), end: z.number(), step: z.number().gt(0), ...common }),
  z.strictObject({ low: z.number(), high: z.number(), type: z.enum(['int', 'float']).optional(), log: z.boolean().optional(), ...common }),
  z.strictObject({ values: z.array(Scalar).min(1), ...common }),
  z.strictObject({ type: z.literal('bool'), ...common }),
  z.array(Scalar).min(1),
  Scalar,
]);
export type WrittenParameter = z.infer<typeof WrittenParameterSchema>;

/** A step that misses the end by less than this share of itself was meant to hit it: 0.1 + 2 * 0.1 is not quite 0.3. */
const STEP_TOLERANCE = 1e-9;

/** Number of values of `start, end, step`: the end is one of them when it lies on the grid. 0 if start is above end. */
export function countSteps(start: number, end: number, step: number): number {
  const steps = (end - start) / step;
  const nearest = Math.round(steps);
  return Math.max(0, (Math.abs(steps - nearest) <= STEP_TOLERANCE * Math.max(1, nearest) ? nearest : Math.floor(steps)) + 1);
}

/**
 * `isDecimal`: a bound is written with a point, such as 1.0, and so means any number. Throws RangeError with a message that says what
 * is wrong with the values.
 */
export function toParameter(name: string, written: WrittenParameter, isDecimal = false): Parameter {
  if (typeof written !== 'object') return toChecked({ kind: 'categorical', name, values: [written] });
  if (Array.isArray(written)) return toChecked({ kind: 'categorical', name, values: written });
  const when = Object.entries(written.when ?? {}).map(([parameter, value]) => ({
    parameter,
    values: Array.isArray(value) ? value : [value],
  }));
  if ('values' in written) return toChecked({ kind: 'categorical', name, values: written.values, when });
  if ('start' in written) return toRange(name, written, when);
  if ('low' in written) return toInterval(name, isDecimal ? { type: 'float', ...written } : written, when);
  return toChecked({ kind: 'categorical', name, values: [false, true], when });
}

type Conditions = Parameter['when'];

function toRange(name: string, { start, end, step }: Extract<WrittenParameter, { start: number }>, when: Conditions): Parameter {
  const count = countSteps(start, end, step);
  if (count === 0) throw new RangeError(`start ${String(start)} is above end ${String(end)}`);
  return toChecked({ kind: 'range', name, start, step, count, when });
}

function toInterval(
  name: string,
  { low, high, type, log = false }: Extract<WrittenParameter, { low: number }>,
  when: Conditions,
): Parameter {
  if (low > high) throw new RangeError(`low ${String(low)} is above high ${String(high)}`);
  if (log && low <= 0) throw new RangeError(`a logarithmic scale needs a low above 0, found ${String(low)}`);
  // Whole bounds mean whole numbers, as people write them; `type: float` says otherwise.
  const kind = type ?? (Number.isInteger(low) && Number.isInteger(high) ? 'int' : 'float');
  return toChecked({ kind, name, low, high, log, when });
}

function toChecked(parameter: z.input<typeof ParameterSchema>): Parameter {
  return ParameterSchema.parse(parameter);
}
