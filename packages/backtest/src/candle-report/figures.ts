/** The engine's figures for readers: found by period and name, with the reason where there is none. Nothing is computed here. */
import type { BacktestResult } from '@quantbot/core';
import { formatDuration } from '../report/page/format.js';
import { formatFigure, toLabel } from '../study-report/page/figure-text.js';
import { toNullReason } from './words.ts';

type PeriodFigures = BacktestResult['figures'][number];

/** Name of the standard error of the yearly Sharpe ratio. */
const SHARPE_ERROR = 'sharpe_standard_error';
const UNDEFINED_MARK = '—';
const MS_PER_DAY = 86_400_000;

/** Names of figures in the order in which a trader asks; others follow as the engine gives them. */
const GROUPS: readonly (readonly [title: string, names: readonly string[]])[] = [
  ['Growth', ['final_balance', 'total_return', 'benchmark_return', 'excess_return', 'cagr', 'recovery_factor']],
  [
    'Drawdown',
    ['max_drawdown', 'longest_drawdown_days', 'current_drawdown', 'current_drawdown_days', 'ulcer_index', 'ulcer_performance_index'],
  ],
  [
    'Return for risk',
    [
      'sharpe_ratio',
      SHARPE_ERROR,
      'sharpe_ratio_autocorrelated',
      'sortino_ratio',
      'calmar_ratio',
      'mar_ratio',
      'omega_ratio',
      'tail_ratio',
    ],
  ],
  ['Risk', ['volatility', 'value_at_risk_95', 'expected_shortfall_95', 'kelly_factor', 'half_kelly_factor']],
  [
    'Trades',
    [
      ...['trades', 'trades_per_30d', 'win_rate', 'win_rate_decided', 'profit_factor', 'payoff_ratio', 'expectancy', 'expectancy_ratio'],
      ...['average_win', 'average_loss', 'largest_win', 'largest_loss', 'losing_streak', 'mean_r'],
      ...['system_quality_number', 'system_quality_number_100'],
    ],
  ],
  ['Use and costs of money', ['exposure', 'mean_gross_exposure', 'mean_net_exposure', 'turnover', 'total_fees', 'fee_share']],
];

const LABELS: Readonly<Record<string, string>> = {
  benchmark_return: 'buy and hold',
  cagr: 'CAGR',
  mar_ratio: 'MAR ratio',
  sharpe_ratio: 'Sharpe ratio',
  [SHARPE_ERROR]: 'Sharpe ratio, standard error',
  sharpe_ratio_autocorrelated: 'Sharpe ratio, if days depend on each other',
  sortino_ratio: 'Sortino ratio',
  calmar_ratio: 'Calmar ratio',
  omega_ratio: 'Omega ratio',
  kelly_factor: 'Kelly factor',
  half_kelly_factor: 'half Kelly factor',
  longest_drawdown_days: 'longest drawdown',
  current_drawdown_days: 'current drawdown, since',
  value_at_risk_95: 'value at risk 95% (a day)',
  expected_shortfall_95: 'expected shortfall 95% (a day)',
  fee_share: 'fees over gross profit',
  trades_per_30d: 'trades per 30 days',
  win_rate_decided: 'win rate without break-even',
  mean_r: 'mean R',
};

/** Figures that are fractions or money although the list shared with studies does not know them. */
const READ_AS: Readonly<Record<string, string>> = {
  excess_return: 'total_return',
  ulcer_index: 'max_drawdown',
  current_drawdown: 'max_drawdown',
  value_at_risk_95: 'total_return',
  expected_shortfall_95: 'total_return',
  win_rate_decided: 'win_rate',
  mean_gross_exposure: 'exposure',
  mean_net_exposure: 'exposure',
  total_fees: 'final_balance',
  largest_win: 'final_balance',
  largest_loss: 'final_balance',
  losing_streak: 'trades',
};

export function toFigureLabel(name: string): string {
  return LABELS[name] ?? toLabel(name);
}

/** The whole range if it was asked for, else the first period. */
export function findMainFigures({ figures }: Pick<BacktestResult, 'figures'>): PeriodFigures | undefined {
  return figures.find(({ period }) => period === 'all') ?? figures[0];
}

/** Of the main period; null if undefined. */
export function readFigure(result: BacktestResult, name: string): number | null {
  return findMainFigures(result)?.metrics[name] ?? null;
}

export interface FigureText {
  /** A dash if the figure is undefined. */
  readonly text: string;
  readonly reason: string | null;
}

export function toFigureText(figures: PeriodFigures | undefined, name: string): FigureText {
  const value = figures?.metrics[name] ?? figures?.objectives[name] ?? null;
  if (value === null) return { text: UNDEFINED_MARK, reason: toNullReason(figures?.null_reasons[name]) };
  if (name.endsWith('_days')) return { text: formatDuration(value * MS_PER_DAY), reason: null };
  return { text: formatFigure(READ_AS[name] ?? name, value), reason: null };
}

/** `0.84 ± 0.71`, the standard error behind the ratio. */
export function toSharpeText(figures: PeriodFigures | undefined): FigureText {
  const [ratio, error] = ['sharpe_ratio', SHARPE_ERROR].map((name) => figures?.metrics[name] ?? null);
  if (typeof ratio !== 'number') return toFigureText(figures, 'sharpe_ratio');
  return {
    text: typeof error === 'number' ? `${formatTwoDecimals(ratio)} ± ${formatTwoDecimals(error)}` : formatTwoDecimals(ratio),
    reason: null,
  };
}

function formatTwoDecimals(value: number): string {
  return value.toFixed(2).replace('-', '−');
}

/** All names that any period has, grouped; objectives last. */
export function groupFigures({ figures }: BacktestResult): readonly (readonly [title: string, names: readonly string[]])[] {
  const present = new Set(figures.flatMap(({ metrics }) => Object.keys(metrics)));
  const objectives = [...new Set(figures.flatMap((each) => Object.keys(each.objectives)))].filter((name) => !present.has(name));
  const known = new Set(GROUPS.flatMap(([, names]) => names));
  return [
    ...GROUPS.map(([title, names]) => [title, names.filter((name) => present.has(name))] as const),
    ['Further figures', [...present].filter((name) => !known.has(name))] as const,
    ['Objectives', objectives] as const,
  ].filter(([, names]) => names.length > 0);
}
