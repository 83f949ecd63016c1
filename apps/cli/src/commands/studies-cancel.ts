/** `quantbot studies cancel`: ends a study for good; whoever runs it stops after the block under way. */
import { AppError } from '@quantbot/core';
import type { Command } from 'commander';
import type { CliContext, CommonFlags } from '../context.ts';
import { getStudy, withStudyStore } from '../studies/study-store.ts';
import { formatCount } from '../terminal/format.ts';
import { createCommand } from './command.ts';

type CancelFlags = CommonFlags & { readonly json?: boolean };

export function createStudiesCancelCommand(context: CliContext): Command {
  return createCommand('cancel', 'End a study for good; its trials are kept. To stop it for now, press Ctrl-C where it runs', [
    'quantbot studies cancel 20260131-k3f9ab',
    'quantbot studies cancel k3f9',
    'quantbot studies cancel k3f9 --json',
  ])
    .argument('<study>', 'its id or an unambiguous beginning of it')
    .option('--json', 'as JSON')
    .action(async (id: string, flags: CancelFlags) => {
      await withStudyStore(context, flags, async ({ store }) => {
        const study = await getStudy(store, id);
        const isCancelled = await store.setStudyState({
          id: study.id,
          from: ['waiting', 'running', 'paused', 'failed'],
          to: 'cancelled',
          reason: 'cancelled by the user',
          atMs: context.nowMs(),
        });
        if (!isCancelled) throw new AppError('INVALID_REQUEST', `study ${study.id} is ${study.state}: there is nothing to cancel`);
        const where = study.state === 'running' ? '; the process that runs it stops after the block under way' : '';
        context.stdout.write(
          flags.json === true
            ? `${JSON.stringify({ id: study.id, state: 'cancelled', trials_recorded: study.trialsRecorded })}\n`
            : `Cancelled study ${study.id} with ${formatCount(study.trialsRecorded)} trials recorded${where}.\n`,
        );
      });
    });
}
