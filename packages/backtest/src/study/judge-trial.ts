/** Whether a finished trial meets the success criteria and the constraints on results: rejection is a remark, the trial is kept. */
import type { Constraint, Figures, ParameterValues, PeriodFigures, Token } from '@quantbot/core';
import type { SuccessCriteria } from '../study-file/study-file-schema.ts';

export interface Rules {
  readonly resultConstraints: readonly Constraint[];
  readonly successCriteria: SuccessCriteria;
}

interface Criterion {
  readonly metric: string;
  readonly isMet: (value: number, limit: number) => boolean;
}

const AT_LEAST = (value: number, limit: number): boolean => value >= limit;
const AT_MOST = (value: number, limit: number): boolean => value <= limit;

const CRITERIA: Readonly<Record<keyof SuccessCriteria, Criterion>> = {
  min_trades: { metric: 'trades', isMet: AT_LEAST },
  min_sharpe: { metric: 'sharpe_ratio', isMet: AT_LEAST },
  max_drawdown: { metric: 'max_drawdown', isMet: AT_MOST },
  min_win_rate: { metric: 'win_rate', isMet: AT_LEAST },
  max_fee_share: { metric: 'fee_share', isMet: AT_MOST },
  min_average_win: { metric: 'average_win', isMet: AT_LEAST },
};

/** Names of the rules that are not met. An undefined figure meets no rule: nobody can vouch for it. */
export function listRejections(figures: PeriodFigures, params: ParameterValues, rules: Rules): readonly string[] {
  const criteria = Object.entries(rules.successCriteria).flatMap(([name, limit]) => {
    const { metric, isMet } = CRITERIA[name as keyof SuccessCriteria];
    const value = figures.metrics[metric] ?? null;
    return limit === undefined || (value !== null && isMet(value, limit)) ? [] : [name];
  });
  const values = new Map<string, number | string | boolean | null>([...Object.entries(params), ...Object.entries(toNamed(figures))]);
  const constraints = rules.resultConstraints.filter(({ tokens }) => evaluate(tokens, values) !== true).map(({ text }) => text);
  return [...criteria, ...constraints];
}

function toNamed({ metrics, objectives }: PeriodFigures): Figures {
  return { ...objectives, ...metrics };
}

type Value = number | string | boolean | null;

/** null: something in it is undefined. Postfix tokens come from parseExpression, so the stack never runs dry. */
function evaluate(tokens: readonly Token[], values: ReadonlyMap<string, Value>): Value {
  const stack: Value[] = [];
  for (const token of tokens) {
    if (token.kind === 'number') stack.push(token.value);
    else if (token.kind === 'name') stack.push(values.get(token.name) ?? null);
    else {
      const right = stack.pop() ?? null;
      const left = token.operator === 'not' || token.operator === 'negate' ? null : (stack.pop() ?? null);
      stack.push(apply(token.operator, left, right));
    }
  }
  return stack[0] ?? null;
}

type Operator = Extract<Token, { kind: 'operator' }>['operator'];

function apply(operator: Operator, left: Value, right: Value): Value {
  if (operator === 'and' || operator === 'or' || operator === 'not') return applyLogic(operator, left, right);
  if (operator === 'negate') return typeof right === 'number' ? -right : null;
  if (left === null || right === null) return null;
  if (operator === '==' || operator === '!=') return (left === right) === (operator === '==');
  return typeof left === 'number' && typeof right === 'number' ? ARITHMETIC[operator](left, right) : null;
}

function applyLogic(operator: 'and' | 'or' | 'not', left: Value, right: Value): Value {
  switch (operator) {
    case 'not':
      return right === null ? null : right !== true;
    case 'and':
      return left === true && right === true;
    case 'or':
      return left === true || right === true;
  }
}

type Arithmetic = Exclude<Operator, 'and' | 'or' | 'not' | '==' | '!=' | 'negate'>;

const ARITHMETIC: Readonly<Record<Arithmetic, (left: number, right: number) => Value>> = {
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  '/': (left, right) => (right === 0 ? null : left / right),
  '<': (left, right) => left < right,
  '<=': (left, right) => left <= right,
  '>': (left, right) => left > right,
  '>=': (left, right) => left >= right,
};
