/** The progress of a study as one line: `40 % · 400 of 1,000 trials · 812/s · 1 s left · best final balance 12,345 (#17)`. */
import { formatFigure, toLabel, type StudyProgress } from '@quantbot/backtest';
import { formatCount } from './format.ts';

export interface StudyPace {
  /** Trials that were recorded when the clock was started. */
  readonly startedWith: number;
  readonly elapsedMs: number;
  /** The one that `best` is measured by. */
  readonly objective: string;
}

export function toStudyShare({ recorded, evaluated, budget }: StudyProgress): number | null {
  if (budget === null) return null;
  return budget === 0 ? 1 : Math.min(1, (recorded + evaluated) / budget);
}

export function describeStudyProgress(progress: StudyProgress, { startedWith, elapsedMs, objective }: StudyPace): string {
  const done = progress.recorded + progress.evaluated;
  const perSecond = elapsedMs > 0 ? ((done - startedWith) / elapsedMs) * 1000 : 0;
  const share = toStudyShare(progress);
  const parts = share === null ? [] : [`${formatCount(Math.floor(share * 100))} %`];
  parts.push(`${formatCount(done)}${progress.budget === null ? '' : ` of ${formatCount(progress.budget)}`} trials`);
  parts.push(`${perSecond < 10 ? perSecond.toFixed(1) : formatCount(Math.round(perSecond))}/s`);
  if (progress.budget !== null && perSecond > 0) parts.push(`${toTimeLeft((progress.budget - done) / perSecond)} left`);
  if (progress.failed > 0) parts.push(`${formatCount(progress.failed)} failed`);
  if (progress.best !== null) {
    const value = formatFigure(objective, progress.best.value).replace('−', '-');
    parts.push(`best ${toLabel(objective)} ${value} (#${String(progress.best.number)})`);
  }
  return parts.join(' · ');
}

function toTimeLeft(seconds: number): string {
  if (seconds < 120) return `${String(Math.ceil(seconds))} s`;
  const minutes = Math.ceil(seconds / 60);
  return minutes < 120 ? `${String(minutes)} min` : `${String(Math.floor(minutes / 60))} h ${String(minutes % 60)} min`;
}
