/** `quantbot studies show`: what a study was asked, how far it is, its best trials, and why others were rejected or failed. */
import type { Command } from 'commander';
import type { CliContext } from '../context.ts';
import { withStudies } from '../remote/open-studies.ts';
import { addServerFlags, type ServerFlags } from '../remote/server.ts';
import { printStudy } from '../studies/print-study.ts';
import { getStudy } from '../studies/study-store.ts';
import { createCommand } from './command.ts';

type ShowFlags = ServerFlags & { readonly json?: boolean };

export function createStudiesShowCommand(context: CliContext): Command {
  return addServerFlags(
    createCommand('show', 'State, best trials, rejections and failures of a study', [
      'quantbot studies show 20260131-k3f9ab',
      'quantbot studies show k3f9',
      'quantbot studies show k3f9 --json > summary.json',
    ]),
  )
    .argument('<study>', 'its id or an unambiguous beginning of it')
    .option('--json', 'the summary as JSON')
    .action(async (study: string, flags: ShowFlags) => {
      await showStudy(context, flags, study);
    });
}

export async function showStudy(context: CliContext, flags: ShowFlags, id: string): Promise<void> {
  await withStudies(context, flags, async ({ store }) => {
    await printStudy({ context, flags, store }, await getStudy(store, id));
  });
}
