/** Errors of the engine about a strategy of rules → the same with the place in the file. */
import { AppError } from '@quantbot/core';
import type { Reading, Spot } from './reading.ts';

/** Fields of the engine whose number stands under another name in the file. */
const FIELD_NAMES: Readonly<Record<string, string>> = { max_hold_s: 'max_hold_hours', ladder: 'partial_close_pct' };

/** What is no error about this file is given back as it is. */
export function createExplanation({ places }: Pick<Reading, 'places'>, yaml: Reading['yaml']): (error: unknown) => unknown {
  return (error) => {
    if (!(error instanceof AppError)) return error;
    const { rule, signal, parameter, field, setting = field } = error.details;
    const spot =
      find(places.rule, rule) ??
      find(places.signal, signal) ??
      findParameter(parameter) ??
      find(places.field, setting) ??
      findAlias(places, setting);
    if (spot === undefined) return error;
    const place = yaml.toPlace(spot.path);
    if (error.message.startsWith(place)) return error;
    return new AppError(error.code, `${place}: ${error.message}`, { cause: error, details: { ...error.details, place } });
  };
}

function find(places: ReadonlyMap<string, Spot>, name: unknown): Spot | undefined {
  return typeof name === 'string' ? places.get(name) : undefined;
}

function findAlias(places: Reading['places'], field: unknown): Spot | undefined {
  return typeof field === 'string' && Object.hasOwn(FIELD_NAMES, field) ? places.field.get(FIELD_NAMES[field] ?? '') : undefined;
}

function findParameter(name: unknown): Spot | undefined {
  return typeof name === 'string' ? { value: undefined, path: ['parameters', name] } : undefined;
}
