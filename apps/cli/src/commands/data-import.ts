/** `quantbot data import`: files and folders into the catalogue, all of them or none. */
import { resolve } from 'node:path';
import { importPath, parseMapping } from '@quantbot/backtest';
import { parseInterval, toIntervalLabel, type ImportOutcome } from '@quantbot/core';
import { Option, type Command } from 'commander';
import { withWorkspace, type CliContext, type CommonFlags } from '../context.ts';
import { createCommand } from './command.ts';

interface ImportFlags extends CommonFlags {
  readonly kind?: 'candles' | 'calls';
  readonly instrument?: string;
  readonly interval?: string;
  readonly map?: readonly string[];
  readonly table?: string;
  readonly query?: string;
  readonly onConflict: 'refuse' | 'replace';
  readonly json?: boolean;
}

export function createDataImportCommand(context: CliContext): Command {
  return createCommand('import', 'Import candles and calls: CSV, gzip CSV, JSON, JSON lines, Parquet, DuckDB. All files or none', [
    'quantbot data import candles/ calls.csv',
    'quantbot data import BTC-USDT_5m.parquet --instrument BTC-USDT --interval 5m --map timestamp=open_time',
    'quantbot data import old.duckdb --query "SELECT mint, caller, call_ts FROM calls WHERE chain = \'solana\'"',
  ])
    .argument('<paths...>', 'files and folders')
    .addOption(new Option('--kind <kind>', 'what the files hold; default: their columns tell').choices(['candles', 'calls']))
    .option('--instrument <id>', 'instrument of candles without an instrument column; default: the file name tells')
    .option('--interval <interval>', 'interval of the candles, such as 5m; default: the file name or the data tells')
    .option('--map <field=column...>', 'columns with other names, such as close=last_price')
    .option('--table <name>', 'table of a DuckDB file')
    .option('--query <sql>', 'one SELECT on a DuckDB file')
    .addOption(new Option('--on-conflict <rule>', 'rows that contradict stored ones').choices(['refuse', 'replace']).default('refuse'))
    .option('--json', 'the outcome as JSON')
    .action(async (paths: readonly string[], flags: ImportFlags) => {
      await withWorkspace(context, flags, async ({ catalogue }) => {
        const outcomes = await importPath({
          catalogue,
          paths: paths.map((path) => resolve(context.cwd, path)),
          onConflict: flags.onConflict,
          mapping: parseMapping(flags.map ?? []),
          ...(flags.kind !== undefined && { kind: flags.kind }),
          ...(flags.instrument !== undefined && { instrument: flags.instrument }),
          ...(flags.interval !== undefined && { intervalS: parseInterval(flags.interval) }),
          ...(flags.table !== undefined && { table: flags.table }),
          ...(flags.query !== undefined && { query: flags.query }),
        });
        context.stdout.write(flags.json === true ? `${JSON.stringify(outcomes)}\n` : describeOutcomes(outcomes, flags.quiet === true));
      });
    });
}

function describeOutcomes(outcomes: readonly ImportOutcome[], isQuiet: boolean): string {
  const lines = isQuiet ? [] : outcomes.flatMap(describeOutcome);
  return `${[...lines, ...describeTotals(outcomes)].join('\n')}\n`;
}

const TIME_UNIT_WORDS = { s: 'seconds', ms: 'milliseconds', us: 'microseconds', datetime: 'dates and times' } as const;

function describeOutcome(outcome: ImportOutcome): readonly string[] {
  const columns = Object.entries(outcome.columns)
    .filter(([field, column]) => field !== column)
    .map(([field, column]) => `${field} from ${column}`);
  const remarks = [
    `times in ${TIME_UNIT_WORDS[outcome.timeUnit]}`,
    ...columns,
    ...(outcome.ignoredColumns.length > 0 ? [`ignored: ${outcome.ignoredColumns.join(', ')}`] : []),
    ...outcome.notes,
  ];
  const intervals = outcome.intervalsS.map(toIntervalLabel).join(', ');
  const what = outcome.kind === 'candles' ? `${nameSome(outcome.names)} ${intervals} candles` : `calls by ${nameSome(outcome.names)}`;
  return [`${outcome.source}: ${what}`, `  ${toCounts([outcome])}; ${remarks.join('; ')}`];
}

function nameSome(names: readonly string[]): string {
  return names.length <= 3 ? names.join(', ') : `${names.slice(0, 2).join(', ')} and ${String(names.length - 2)} others`;
}

function describeTotals(outcomes: readonly ImportOutcome[]): readonly string[] {
  return (['candles', 'calls'] as const).flatMap((kind) => {
    const own = outcomes.filter((outcome) => outcome.kind === kind);
    const names = new Set(own.flatMap((outcome) => outcome.names)).size;
    const whose =
      kind === 'candles'
        ? `of ${String(names)} instrument${names === 1 ? '' : 's'}`
        : `by ${String(names)} caller${names === 1 ? '' : 's'}`;
    return own.length === 0 ? [] : [`${kind === 'candles' ? 'Candles' : 'Calls'} ${whose}: ${toCounts(own)}`];
  });
}

function toCounts(outcomes: readonly ImportOutcome[]): string {
  const sum = (pick: (outcome: ImportOutcome) => number): string =>
    outcomes.reduce((total, outcome) => total + pick(outcome), 0).toLocaleString('en-GB');
  const replaced = outcomes.some(({ rowsReplaced }) => rowsReplaced > 0) ? `, ${sum(({ rowsReplaced }) => rowsReplaced)} replaced` : '';
  return `${sum(({ rowsRead }) => rowsRead)} rows read, ${sum(({ rowsAdded }) => rowsAdded)} new${replaced}`;
}
