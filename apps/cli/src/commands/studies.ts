/** `quantbot studies ...`: what was searched, and what came of it. */
import { Command } from 'commander';
import type { CliContext } from '../context.ts';
import { createStudiesDeleteCommand } from './studies-delete.ts';
import { createStudiesExportCommand } from './studies-export.ts';
import { createStudiesListCommand } from './studies-list.ts';
import { createStudiesResumeCommand } from './studies-resume.ts';
import { createStudiesShowCommand } from './studies-show.ts';
import { createStudiesCancelCommand, createStudiesPauseCommand } from './studies-stop.ts';
import { createStudiesWatchCommand } from './studies-watch.ts';

export function createStudiesCommand(context: CliContext): Command {
  return new Command('studies')
    .description('Studies of the workspace, or of the database that DATABASE_URL names')
    .addCommand(createStudiesListCommand(context))
    .addCommand(createStudiesShowCommand(context))
    .addCommand(createStudiesWatchCommand(context))
    .addCommand(createStudiesResumeCommand(context))
    .addCommand(createStudiesPauseCommand(context))
    .addCommand(createStudiesCancelCommand(context))
    .addCommand(createStudiesExportCommand(context))
    .addCommand(createStudiesDeleteCommand(context));
}
