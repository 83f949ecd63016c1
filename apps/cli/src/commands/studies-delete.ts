/** `quantbot studies delete`: removes a study and its trials from the store. Files that were made of it stay. */
import { hostname } from 'node:os';
import { isOwnerGone, STALE_AFTER_MS, toOwner } from '@quantbot/backtest';
import { AppError } from '@quantbot/core';
import type { Command } from 'commander';
import type { CliContext, CommonFlags } from '../context.ts';
import { getStudy, withStudyStore } from '../studies/study-store.ts';
import { formatCount } from '../terminal/format.ts';
import { createCommand } from './command.ts';

interface DeleteFlags extends CommonFlags {
  readonly yes?: boolean;
  readonly json?: boolean;
}

export function createStudiesDeleteCommand(context: CliContext): Command {
  return createCommand('delete', 'Remove a study and all its trials from the store; run folders and exports stay', [
    'quantbot studies delete 20260131-k3f9ab --yes',
    'quantbot studies delete k3f9 --yes',
    'quantbot studies delete k3f9 --yes --json',
  ])
    .argument('<study>', 'its id or an unambiguous beginning of it')
    .option('--yes', 'really; nothing is asked')
    .option('--json', 'as JSON')
    .action(async (id: string, flags: DeleteFlags) => {
      await withStudyStore(context, flags, async ({ store }) => {
        const study = await getStudy(store, id);
        const trials = formatCount(study.trialsRecorded);
        if (flags.yes !== true) {
          throw new AppError(
            'USAGE',
            `this would remove study ${study.id} (${study.name}) with ${trials} trials for good; add --yes if you mean it`,
          );
        }
        const owner = await store.findClaimOwner(study.id);
        const isGone = owner !== undefined && isOwnerGone(owner, toOwner(hostname(), process.pid));
        await store.deleteStudy(study.id, context.nowMs(), isGone ? 0 : STALE_AFTER_MS);
        context.stdout.write(
          flags.json === true
            ? `${JSON.stringify({ id: study.id, deleted: true, trials: study.trialsRecorded })}\n`
            : `Deleted study ${study.id} with ${trials} trials.\n`,
        );
      });
    });
}
