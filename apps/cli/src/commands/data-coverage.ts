/** `quantbot data coverage`: range, rows and holes of each series. */
import { toTableLines, toTerminalText } from '@quantbot/backtest';
import { AppError, parseInterval, toIntervalLabel, type CandleGap, type SeriesCoverage } from '@quantbot/core';
import type { Command } from 'commander';
import { withWorkspace, type CliContext, type CommonFlags } from '../context.ts';
import { formatCount, formatDuration, formatTime } from '../terminal/format.ts';
import { parseNameList } from '../terminal/parse-flags.ts';
import { createCommand } from './command.ts';

interface CoverageFlags extends CommonFlags {
  readonly instrument?: readonly string[];
  readonly interval?: string;
  readonly json?: boolean;
}

export function createDataCoverageCommand(context: CliContext): Command {
  return createCommand('coverage', 'Rows, range, holes and candles without volume, per instrument and interval', [
    'quantbot data coverage',
    'quantbot data coverage --instrument ETHFI-USDT --interval 5m',
  ])
    .option('--instrument <names...>', 'only these; their longest holes are listed')
    .option('--interval <interval>', 'only this interval')
    .option('--json', 'as JSON')
    .action(async (flags: CoverageFlags) => {
      await withWorkspace(context, flags, async ({ catalogue }) => {
        const instruments = parseNameList(flags.instrument ?? []);
        const coverage = await catalogue.findCoverage({
          ...(instruments.length > 0 && { instruments }),
          ...(flags.interval !== undefined && { intervalS: parseInterval(flags.interval) }),
        });
        if (coverage.length === 0) throw new AppError('NO_CANDLES', 'the catalogue holds no such candles; see `quantbot data list`');
        const text = renderCoverage(coverage, { width: context.stdout.columns || 100, listsGaps: instruments.length > 0 });
        context.stdout.write(flags.json === true ? `${JSON.stringify(coverage)}\n` : text);
      });
    });
}

interface RenderOptions {
  readonly width: number;
  readonly listsGaps: boolean;
}

function renderCoverage(coverage: readonly SeriesCoverage[], { width, listsGaps }: RenderOptions): string {
  const columns = [
    { title: 'Instrument', align: 'left', dropOrder: 0 },
    { title: 'Interval', align: 'right', dropOrder: 0 },
    { title: 'Candles', align: 'right', dropOrder: 0 },
    { title: 'First (UTC)', align: 'left', dropOrder: 2 },
    { title: 'Last (UTC)', align: 'left', dropOrder: 2 },
    { title: 'Holes', align: 'right', dropOrder: 0 },
    { title: 'Missing', align: 'right', dropOrder: 0 },
    { title: 'Longest', align: 'right', dropOrder: 1 },
    { title: 'No volume', align: 'right', dropOrder: 3 },
  ] as const;
  const rows = coverage.map((one) => [
    toTerminalText(one.instrument),
    toIntervalLabel(one.intervalS),
    formatCount(one.rows),
    formatTime(one.firstTimestamp * 1000),
    formatTime(one.lastTimestamp * 1000),
    formatCount(one.gapCount),
    formatCount(one.missingCandles),
    one.gaps[0] === undefined ? '-' : formatDuration(toGapMs(one.gaps[0])),
    formatCount(one.zeroVolumeRows),
  ]);
  const holes = listsGaps ? coverage.filter(({ gapCount }) => gapCount > 0).flatMap(listGaps) : [];
  return `${[...toTableLines({ columns, rows }, width), ...holes].join('\n')}\n`;
}

function listGaps(one: SeriesCoverage): readonly string[] {
  const lines = one.gaps.map(
    (gap) =>
      `  ${formatTime(gap.afterTimestamp * 1000)} to ${formatTime(gap.nextTimestamp * 1000)}  ${formatCount(gap.missingCandles)} candles missing`,
  );
  return ['', `${toTerminalText(one.instrument)} ${toIntervalLabel(one.intervalS)}, longest holes first`, ...lines];
}

function toGapMs(gap: CandleGap): number {
  return (gap.nextTimestamp - gap.afterTimestamp) * 1000;
}
