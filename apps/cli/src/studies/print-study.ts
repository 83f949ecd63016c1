/** A study on stdout: the best trials and what happened to the rest, or one JSON object. */
import { renderStudyTables, readStudySpec, summariseStudy } from '@quantbot/backtest';
import type { Study, StudyStore, TrialRecord } from '@quantbot/core';
import { useColor, type CliContext, type CommonFlags } from '../context.ts';

const LISTED = 10;

export interface PrintRoom {
  readonly context: CliContext;
  readonly flags: CommonFlags & { readonly json?: boolean };
  readonly store: Pick<StudyStore, 'listTrials' | 'streamTrials'>;
}

export async function printStudy({ context, flags, store }: PrintRoom, study: Study): Promise<void> {
  const summary = await summariseStudy(store, study);
  if (flags.json === true) {
    context.stdout.write(`${JSON.stringify(summary)}\n`);
    return;
  }
  const top = await listTop(store, study, LISTED);
  context.stdout.write(
    renderStudyTables(summary, top, { width: context.stdout.columns || 100, color: useColor(context, flags, context.stdout) }),
  );
}

/** The best complete trials by the first objective in the leading period: accepted ones, or all if none is. */
export async function listTop(store: PrintRoom['store'], study: Study, limit: number): Promise<readonly TrialRecord[]> {
  const name = study.definition.objectives[0] ?? '';
  const period = readStudySpec(study).leading_period;
  const query = { states: ['complete'], sort: { key: { kind: 'objective', name, period }, direction: 'desc' }, limit } as const;
  const accepted = await store.listTrials(study.id, { ...query, acceptedOnly: true });
  if (accepted.total > 0) return accepted.items;
  return (await store.listTrials(study.id, query)).items;
}
