/** `quantbot leaderboard`: the best trials over all studies. */
import { formatFigure, formatParameter, SHOWN_METRICS, toLabel, toTableLines, toTerminalText } from '@quantbot/backtest';
import { AppError, PERIODS, type LeaderboardQuery, type LeaderboardRow, type Period } from '@quantbot/core';
import type { Command } from 'commander';
import type { CliContext } from '../context.ts';
import { withStudies } from '../remote/open-studies.ts';
import { addServerFlags, type ServerFlags } from '../remote/server.ts';
import { formatCount } from '../terminal/format.ts';
import { parseWholeNumber } from '../terminal/parse-flags.ts';
import { createCommand } from './command.ts';

interface LeaderboardFlags extends ServerFlags {
  readonly objective: string;
  readonly period: string;
  readonly strategy?: string;
  readonly accepted?: boolean;
  readonly limit: string;
  readonly json?: boolean;
}

export function createLeaderboardCommand(context: CliContext): Command {
  return addServerFlags(
    createCommand('leaderboard', 'The best trials over all studies, by one objective in one period', [
      'quantbot leaderboard',
      'quantbot leaderboard --objective mar --period 90d --accepted',
      'quantbot leaderboard --objective sharpe_ratio --strategy v1_baseline --limit 5 --json',
    ]),
  )
    .option('--objective <name>', 'an objective that studies have', 'final_balance')
    .option('--period <period>', `one of ${PERIODS.join(', ')}`, 'all')
    .option('--strategy <name>', 'only trials of this strategy')
    .option('--accepted', 'only trials that meet all success criteria')
    .option('--limit <count>', 'most trials listed, up to 1000', '20')
    .option('--json', 'as JSON')
    .action(async (flags: LeaderboardFlags) => {
      await withStudies(context, flags, async ({ store }) => {
        const query: LeaderboardQuery = {
          objective: flags.objective,
          period: parsePeriod(flags.period),
          ...(flags.strategy !== undefined && { strategy: flags.strategy }),
          acceptedOnly: flags.accepted === true,
          limit: parseWholeNumber('--limit', flags.limit, 1),
        };
        const rows = await store.findLeaderboard(query);
        context.stdout.write(flags.json === true ? toJson(rows, query) : renderLeaderboard(rows, query, context.stdout.columns || 100));
      });
    });
}

function parsePeriod(text: string): Period {
  const period = PERIODS.find((each) => each === text);
  if (period === undefined) throw new AppError('USAGE', `--period: expected one of ${PERIODS.join(', ')}, found "${text}"`);
  return period;
}

function toJson(rows: readonly LeaderboardRow[], { objective, period }: LeaderboardQuery): string {
  const leaders = rows.map(({ rank, study, trial, value }) => ({
    rank,
    value,
    study: { id: study.id, name: study.name, strategy: study.strategy, trials_recorded: study.trialsRecorded },
    number: trial.number,
    rejections: trial.rejections,
    params: trial.params,
    metrics: trial.figures.find((each) => each.period === period)?.metrics ?? {},
  }));
  return `${JSON.stringify({ objective, period, leaders })}\n`;
}

/** How many trials a study has tried stands beside each: the more, the better its best looks by chance. */
function renderLeaderboard(rows: readonly LeaderboardRow[], { objective, period }: LeaderboardQuery, width: number): string {
  if (rows.length === 0) return `No trial has a value for ${objective} in period ${period}.\n`;
  const metrics = SHOWN_METRICS.filter((name) => name !== objective);
  const columns = [
    { title: '#', align: 'right', dropOrder: 0 },
    { title: toLabel(objective), align: 'right', dropOrder: 0 },
    { title: 'Study', align: 'left', dropOrder: 0 },
    { title: 'Trial', align: 'right', dropOrder: 0 },
    { title: 'Tried', align: 'right', dropOrder: 0 },
    { title: 'Parameters', align: 'left', dropOrder: 1 },
    { title: 'Strategy', align: 'left', dropOrder: 2 },
    ...metrics.map((name, index) => ({ title: toLabel(name), align: 'right' as const, dropOrder: 3 + index })),
  ] as const;
  const lines = rows.map(({ rank, study, trial, value }) => {
    const figures = trial.figures.find((each) => each.period === period)?.metrics ?? {};
    const params = Object.entries(trial.params).map(([name, parameter]) => `${name} ${formatParameter(parameter)}`);
    return [
      String(rank),
      formatFigure(objective, value),
      study.id,
      `#${String(trial.number)}`,
      formatCount(study.trialsRecorded),
      toTerminalText(params.join(', ')),
      toTerminalText(study.strategy),
      ...metrics.map((name) => formatFigure(name, figures[name])),
    ];
  });
  return `${toTableLines({ columns, rows: lines }, width).join('\n').replaceAll('−', '-')}\n`;
}
