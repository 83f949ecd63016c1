/** `quantbot studies list`: the latest studies and how far they are. */
import { toTableLines, toTerminalText } from '@quantbot/backtest';
import { AppError, STUDY_STATES, type Page, type Study, type StudyState } from '@quantbot/core';
import type { Command } from 'commander';
import type { CliContext } from '../context.ts';
import { withStudies } from '../remote/open-studies.ts';
import { addServerFlags, type ServerFlags } from '../remote/server.ts';
import { formatCount, formatTime } from '../terminal/format.ts';
import { parseNameList, parseWholeNumber } from '../terminal/parse-flags.ts';
import { createCommand } from './command.ts';

interface ListFlags extends ServerFlags {
  readonly state?: readonly string[];
  readonly strategy?: string;
  readonly search?: string;
  readonly limit: string;
  readonly json?: boolean;
}

export function createStudiesListCommand(context: CliContext): Command {
  return addServerFlags(
    createCommand('list', 'Studies, newest first', [
      'quantbot studies list',
      'quantbot studies list --state running,paused --strategy v1_baseline',
      'quantbot studies list --json --limit 500',
    ]),
  )
    .option('--state <states...>', `only these: ${STUDY_STATES.join(', ')}`)
    .option('--strategy <name>', 'only of this strategy')
    .option('--search <text>', 'only with this in the name or the id')
    .option('--limit <count>', 'most studies listed, up to 1000', '50')
    .option('--json', 'as JSON')
    .action(async (flags: ListFlags) => {
      await withStudies(context, flags, async ({ store }) => {
        const page = await store.listStudies({
          ...(flags.state !== undefined && { states: parseNameList(flags.state).map(parseState) }),
          ...(flags.strategy !== undefined && { strategy: flags.strategy }),
          ...(flags.search !== undefined && { search: flags.search }),
          limit: parseWholeNumber('--limit', flags.limit, 1),
        });
        context.stdout.write(flags.json === true ? toJson(page) : renderStudies(page, context.stdout.columns || 100));
      });
    });
}

function parseState(text: string): StudyState {
  const state = STUDY_STATES.find((each) => each === text);
  if (state === undefined) throw new AppError('USAGE', `--state: expected one of ${STUDY_STATES.join(', ')}, found "${text}"`);
  return state;
}

function toJson({ items, total }: Page<Study>): string {
  const studies = items.map((study) => ({
    id: study.id,
    name: study.name,
    strategy: study.definition.strategy,
    state: study.state,
    reason: study.reason,
    objectives: study.definition.objectives,
    periods: study.definition.periods,
    seed: study.definition.seed,
    budget: study.definition.budget,
    trials_recorded: study.trialsRecorded,
    trials_failed: study.trialsFailed,
    trials_pruned: study.trialsPruned,
    created_at: new Date(study.createdAtMs).toISOString(),
    updated_at: new Date(study.updatedAtMs).toISOString(),
  }));
  return `${JSON.stringify({ studies, total })}\n`;
}

const COLUMNS = [
  { title: 'Study', align: 'left', dropOrder: 0 },
  { title: 'State', align: 'left', dropOrder: 0 },
  { title: 'Trials', align: 'right', dropOrder: 0 },
  { title: 'Failed', align: 'right', dropOrder: 3 },
  { title: 'Name', align: 'left', dropOrder: 1 },
  { title: 'Strategy', align: 'left', dropOrder: 2 },
  { title: 'Objectives', align: 'left', dropOrder: 5 },
  { title: 'Created (UTC)', align: 'left', dropOrder: 4 },
] as const;

function renderStudies({ items, total }: Page<Study>, width: number): string {
  if (items.length === 0) return 'No studies. Start one with `quantbot optimize --config FILE`.\n';
  const rows = items.map((study) => [
    study.id,
    study.state,
    study.definition.budget === null
      ? formatCount(study.trialsRecorded)
      : `${formatCount(study.trialsRecorded)}/${formatCount(study.definition.budget)}`,
    formatCount(study.trialsFailed),
    toTerminalText(study.name),
    toTerminalText(study.definition.strategy),
    toTerminalText(study.definition.objectives.join(', ')),
    formatTime(study.createdAtMs),
  ]);
  const more = total > items.length ? [`${formatCount(total - items.length)} more; see --limit and --search`] : [];
  return `${[...toTableLines({ columns: COLUMNS, rows }, width), ...more].join('\n')}\n`;
}
