/** The rules of a YAML strategy in words, one line a direction, as `strategies show` prints them. */
import { CandleStrategyConfigSchema, type ConditionStep, type OutputTest, type StrategyRef } from '@quantbot/core';

const DIRECTIONS = [
  ['enter_long', 'buys when'],
  ['enter_short', 'sells short when'],
  ['exit_long', 'leaves a long position when'],
  ['exit_short', 'leaves a short position when'],
] as const;

/** Empty for a strategy in Python: its rules are its code. */
export function toConditionLines({ config }: StrategyRef): readonly string[] {
  const { rules } = CandleStrategyConfigSchema.parse(config);
  if (rules === null) return [];
  return DIRECTIONS.flatMap(([field, words]) => {
    const steps = rules[field];
    return steps === null ? [] : [`${words} ${toWords(steps)}`];
  });
}

/** Steps stand in postfix order: each takes the conditions that it joins from the end of those before it. */
function toWords(steps: readonly ConditionStep[]): string {
  const stack: string[] = [];
  for (const step of steps) {
    switch (step.kind) {
      case 'expression':
        stack.push(step.expression.text);
        break;
      case 'signal':
        stack.push(toSignalWords(step));
        break;
      case 'all':
      case 'any': {
        const parts = stack.splice(-step.count);
        stack.push(`(${parts.join(step.kind === 'all' ? ' and ' : ' or ')})`);
      }
    }
  }
  // Brackets around everything say nothing.
  return (stack[0] ?? '').replace(/^\((.*)\)$/, (whole, inner: string) => (isOneBracket(inner) ? inner : whole));
}

/** Whether the brackets that were taken off belonged together. */
function isOneBracket(inner: string): boolean {
  let depth = 0;
  for (const character of inner) {
    if (character === '(') depth += 1;
    if (character === ')') depth -= 1;
    if (depth < 0) return false;
  }
  return true;
}

function toSignalWords({ signal, outputs, parameters }: Extract<ConditionStep, { kind: 'signal' }>): string {
  const given = Object.entries(parameters).map(([name, value]) => `${name} ${typeof value === 'number' ? String(value) : value.text}`);
  const name = given.length === 0 ? signal : `${signal}(${given.join(', ')})`;
  return outputs.length === 0 ? `${name} speaks` : `${name} has ${outputs.map(toTestWords).join(' and ')}`;
}

function toTestWords({ output, one_of: oneOf, threshold }: OutputTest): string {
  if (oneOf !== null) return `${output} ${oneOf.join(' or ')}`;
  const value = threshold?.value ?? 0;
  return `${output} ${threshold?.operator ?? ''} ${typeof value === 'number' ? String(value) : value.text}`;
}
