/** All routes of the server. One that is missing here does not exist: the server refuses to start with an unhandled contract. */
import { BACKTEST_ROUTES } from './backtests.ts';
import type { RouteContract } from './contract.ts';
import { DATA_ROUTES } from './data.ts';
import { JOB_ROUTES } from './jobs.ts';
import { LIVE_ROUTES } from './live.ts';
import { OPTIMISATION_ROUTES } from './optimisation.ts';
import { REPORT_ROUTES } from './reports.ts';
import { STRATEGY_ROUTES } from './strategies.ts';
import { STUDY_ROUTES } from './studies.ts';
import { SYSTEM_ROUTES } from './system.ts';
import { TRIAL_ROUTES } from './trials.ts';
import { V1_BASELINE_ROUTES } from './v1-baseline.ts';

export const API_ROUTES = {
  ...BACKTEST_ROUTES,
  ...OPTIMISATION_ROUTES,
  ...STUDY_ROUTES,
  ...TRIAL_ROUTES,
  ...DATA_ROUTES,
  ...STRATEGY_ROUTES,
  ...V1_BASELINE_ROUTES,
  ...REPORT_ROUTES,
  ...JOB_ROUTES,
  ...SYSTEM_ROUTES,
  ...LIVE_ROUTES,
} satisfies Record<string, RouteContract>;
