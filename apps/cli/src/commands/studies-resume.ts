/** `quantbot studies resume`: goes on with a study from its last recorded trial, with the same outcome as if it had never stopped. */
import { probeSpace, readStudySpec } from '@quantbot/backtest';
import { AppError } from '@quantbot/core';
import type { Command } from 'commander';
import type { CliContext } from '../context.ts';
import { printStudy } from '../studies/print-study.ts';
import { checkSources } from '../studies/provenance.ts';
import { findStudyOfRun } from '../studies/run-folder.ts';
import { runStudyHere } from '../studies/run-study.ts';
import { withStudyEngine } from '../studies/study-engine.ts';
import { getStudy, withStudyStore } from '../studies/study-store.ts';
import { createCommand } from './command.ts';
import { addRunFlags, toRunSettings, type RunFlags } from './optimize-flags.ts';

export function createStudiesResumeCommand(context: CliContext): Command {
  const command = createCommand('resume', 'Go on with a study that was paused, failed, or whose process is gone', [
    'quantbot studies resume 20260131-k3f9ab',
    'quantbot studies resume k3f9 --max-workers 1',
    'quantbot studies resume runs/20260131T093000Z-20260131-k3f9ab --report-frequency 1000',
  ]);
  return addRunFlags(command)
    .argument('<study>', 'its id, an unambiguous beginning of it, or its run folder')
    .action(async (study: string, flags: RunFlags) => {
      await resumeStudy(context, flags, study);
    });
}

export async function resumeStudy(context: CliContext, flags: RunFlags, idOrFolder: string): Promise<void> {
  const settings = toRunSettings(flags);
  await withStudyStore(context, flags, async (room) => {
    const study = await getStudy(room.store, (await findStudyOfRun(context.cwd, idOrFolder)) ?? idOrFolder);
    if (study.state === 'cancelled') {
      throw new AppError('INVALID_REQUEST', `study ${study.id} was cancelled and stays so; start a new one from its file`);
    }
    if (study.state === 'complete') {
      if (flags.quiet !== true) context.stderr.write(`Study ${study.id} is complete: there is nothing to go on with.\n`);
      await printStudy({ context, flags, store: room.store }, study);
      return;
    }
    await withStudyEngine({ context, flags, settings }, async (engineRoom) => {
      const { objectives, seed } = study.definition;
      const request = { objectives, seed, spec: readStudySpec(study), count: 1 };
      const probe = await probeSpace(engineRoom.engine, request, { signal: engineRoom.interrupt.drain });
      const remark = await checkSources(study, probe);
      if (remark !== undefined) engineRoom.say(`Note: ${remark}`);
      await runStudyHere({ context, flags, settings, room, engineRoom, probe }, study);
    });
  });
}
