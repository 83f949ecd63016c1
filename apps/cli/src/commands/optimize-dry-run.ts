/** `optimize --dry-run`. */
import type { StudyRequest } from '@quantbot/backtest';
import type { StudyRun } from '../studies/run-study.ts';

export async function runDryRun(_run: StudyRun, _request: Omit<StudyRequest, 'provenance'>): Promise<void> {
  throw new Error('not yet');
}
