import type { PeriodFigures } from '@quantbot/core';
import { describe, expect, it } from 'vitest';
import { parseExpression } from '../expression/expression.ts';
import { listRejections } from './judge-trial.ts';

const FIGURES: PeriodFigures = {
  period: 'all',
  metrics: { trades: 30, sharpe_ratio: null, max_drawdown: 0.2, win_rate: 0.5 },
  objectives: { mar: 1.5 },
  nullReasons: { sharpe_ratio: 'zero_variance' },
};
const reject = (...constraints: string[]) =>
  listRejections(
    FIGURES,
    { fast: 5, slow: 9 },
    { successCriteria: {}, resultConstraints: constraints.map((text) => ({ text, tokens: parseExpression(text) })) },
  );

describe('success criteria', () => {
  it('name what a trial does not meet', () => {
    expect(
      listRejections(FIGURES, {}, { resultConstraints: [], successCriteria: { min_trades: 30, max_drawdown: 0.1, min_win_rate: 0.6 } }),
    ).toEqual(['max_drawdown', 'min_win_rate']);
  });

  it('are not met by a figure that is undefined', () => {
    expect(listRejections(FIGURES, {}, { resultConstraints: [], successCriteria: { min_sharpe: -100 } })).toEqual(['min_sharpe']);
  });
});

describe('constraints on results', () => {
  it.each([
    'max_drawdown < 0.25',
    'mar / max_drawdown > 7',
    'slow - fast == 4 and trades >= 30',
    'not (trades < 30)',
    '-max_drawdown > -0.25',
  ])('%s holds', (text) => {
    expect(reject(text)).toEqual([]);
  });

  it.each(['max_drawdown < 0.2', 'sharpe_ratio > -100', 'trades / 0 > 1', 'no_such_figure < 1', 'not (sharpe_ratio > 0)'])(
    '%s does not hold',
    (text) => {
      expect(reject(text)).toEqual([text]);
    },
  );
});
