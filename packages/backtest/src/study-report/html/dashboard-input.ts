/** What the sections of the dashboard are made of. */
import type { Study } from '@quantbot/core';
import type { StudySpec } from '../../study/study-spec.ts';
import type { ChosenRows } from '../dashboard-data.ts';
import type { StudySummary } from '../study-summary.ts';
import type { StudyTally } from '../study-tally.ts';
import type { TopCurve } from '../top-curves.ts';
import type { TrialColumns } from '../trial-columns.ts';

export interface DashboardPage {
  readonly study: Study;
  readonly spec: StudySpec;
  readonly summary: StudySummary;
  readonly tally: StudyTally;
  readonly columns: TrialColumns;
  readonly curves: readonly TopCurve[];
  readonly chosen: ChosenRows;
  readonly writtenAtMs: number;
}
