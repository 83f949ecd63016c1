/** Parameters that somebody wants to set: those the strategy does not have, and those it never looks at, are mistakes. */
import { AppError, CandleStrategyConfigSchema, type ParameterValues } from '@quantbot/core';
import type { LoadedStrategy } from './loaded-strategy.ts';
import { suggest } from './nearest-name.ts';

/** Throws INVALID_REQUEST with the name and the nearest known one. Python strategies are checked by the engine. */
export function checkParameters(strategy: LoadedStrategy, params: ParameterValues): void {
  for (const name of Object.keys(params)) checkParameter(strategy, name);
}

function checkParameter(strategy: LoadedStrategy, name: string): void {
  if (strategy.unusedParameters.includes(name)) {
    throw new AppError('INVALID_REQUEST', `parameter ${name} is not used by the strategy ${strategy.name}: setting it changes nothing`, {
      details: { parameter: name },
    });
  }
  const known = listParameters(strategy);
  if (known === undefined || known.includes(name)) return;
  const names = known.length === 0 ? 'it has none' : `it has ${known.join(', ')}`;
  throw new AppError('INVALID_REQUEST', `strategy ${strategy.name} has no parameter ${name}; ${names}${suggest(name, known)}`, {
    details: { parameter: name },
  });
}

/** undefined: only the engine knows. */
function listParameters({ kind, parameters, reference }: LoadedStrategy): readonly string[] | undefined {
  if (kind === 'rules') return CandleStrategyConfigSchema.parse(reference.config).rules?.parameters.map(({ name }) => name) ?? [];
  return Object.keys(parameters).length === 0 ? undefined : Object.keys(parameters);
}
