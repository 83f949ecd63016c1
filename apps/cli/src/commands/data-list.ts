/** `quantbot data list`: what the catalogue holds. */
import { toTableLines, toTerminalText } from '@quantbot/backtest';
import { toIntervalLabel, type CallRange, type CandleSeriesSummary } from '@quantbot/core';
import type { Command } from 'commander';
import type { CliContext } from '../context.ts';
import { withSeries } from '../remote/remote-series.ts';
import { addServerFlags, type ServerFlags } from '../remote/server.ts';
import { formatCount, formatTime } from '../terminal/format.ts';
import { createCommand } from './command.ts';

export function createDataListCommand(context: CliContext): Command {
  return addServerFlags(
    createCommand('list', 'Series of candles and calls in the catalogue', ['quantbot data list', 'quantbot data list --json']),
  )
    .option('--json', 'as JSON')
    .action(async (flags: ServerFlags & { readonly json?: boolean }) => {
      await withSeries(context, flags, async (catalogue) => {
        const [series, calls] = [await catalogue.listSeries(), await catalogue.findCallRange()];
        context.stdout.write(
          flags.json === true
            ? `${JSON.stringify({ series, calls: calls ?? null })}\n`
            : renderList(series, calls, context.stdout.columns || 100),
        );
      });
    });
}

function renderList(series: readonly CandleSeriesSummary[], calls: CallRange | undefined, width: number): string {
  const columns = [
    { title: 'Instrument', align: 'left', dropOrder: 0 },
    { title: 'Interval', align: 'right', dropOrder: 0 },
    { title: 'Candles', align: 'right', dropOrder: 0 },
    { title: 'First (UTC)', align: 'left', dropOrder: 1 },
    { title: 'Last (UTC)', align: 'left', dropOrder: 1 },
  ] as const;
  const rows = series.map((one) => [
    toTerminalText(one.instrument),
    toIntervalLabel(one.intervalS),
    formatCount(one.rows),
    formatTime(one.firstTimestamp * 1000),
    formatTime(one.lastTimestamp * 1000),
  ]);
  const candles = series.length === 0 ? ['No candles yet.'] : toTableLines({ columns, rows }, width);
  const callLine =
    calls === undefined
      ? 'No calls yet.'
      : `${formatCount(calls.calls)} calls by ${formatCount(calls.callers)} callers, ${formatTime(calls.firstMs)} to ${formatTime(calls.lastMs)} UTC`;
  return `${[...candles, '', callLine].join('\n')}\n`;
}
