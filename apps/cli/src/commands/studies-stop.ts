/** `quantbot studies cancel` and `pause`: ask whoever runs a study, through the store, to stop after the block under way. */
import { AppError, type StudyState } from '@quantbot/core';
import type { Command } from 'commander';
import type { CliContext } from '../context.ts';
import { withStudies } from '../remote/open-studies.ts';
import { addServerFlags, type ServerFlags } from '../remote/server.ts';
import { getStudy } from '../studies/study-store.ts';
import { formatCount } from '../terminal/format.ts';
import { createCommand } from './command.ts';

interface Stop {
  readonly name: 'cancel' | 'pause';
  readonly description: string;
  readonly from: readonly StudyState[];
  readonly to: 'cancelled' | 'paused';
  readonly done: string;
  readonly refusal: string;
}

const CANCEL: Stop = {
  name: 'cancel',
  description: 'End a study for good; its trials are kept. To stop it for now: `studies pause`, or Ctrl-C where it runs',
  from: ['waiting', 'running', 'paused', 'failed'],
  to: 'cancelled',
  done: 'Cancelled',
  refusal: 'there is nothing to cancel',
};
const PAUSE: Stop = {
  name: 'pause',
  description: 'Stop a study that runs elsewhere; `studies resume` goes on with it',
  from: ['running'],
  to: 'paused',
  done: 'Paused',
  refusal: 'only a running study can be paused',
};

export function createStudiesCancelCommand(context: CliContext): Command {
  return createStopCommand(context, CANCEL);
}

export function createStudiesPauseCommand(context: CliContext): Command {
  return createStopCommand(context, PAUSE);
}

type StopFlags = ServerFlags & { readonly json?: boolean };

function createStopCommand(context: CliContext, stop: Stop): Command {
  const examples = ['20260131-k3f9ab', 'k3f9', 'k3f9 --json'].map((args) => `quantbot studies ${stop.name} ${args}`);
  return addServerFlags(createCommand(stop.name, stop.description, examples))
    .argument('<study>', 'its id or an unambiguous beginning of it')
    .option('--json', 'as JSON')
    .action(async (id: string, flags: StopFlags) => {
      await withStudies(context, flags, async ({ store }) => {
        const study = await getStudy(store, id);
        const change = { id: study.id, from: stop.from, to: stop.to, reason: `${stop.to} by the user`, atMs: context.nowMs() };
        if (!(await store.setStudyState(change))) {
          throw new AppError('INVALID_REQUEST', `study ${study.id} is ${study.state}: ${stop.refusal}`);
        }
        const where = study.state === 'running' ? '; the process that runs it stops after the block under way' : '';
        context.stdout.write(
          flags.json === true
            ? `${JSON.stringify({ id: study.id, state: stop.to, trials_recorded: study.trialsRecorded })}\n`
            : `${stop.done} study ${study.id} with ${formatCount(study.trialsRecorded)} trials recorded${where}.\n`,
        );
      });
    });
}
