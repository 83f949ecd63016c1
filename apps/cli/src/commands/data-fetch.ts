/** `quantbot data fetch`: candles from a candle server, a PostgreSQL table or an exchange into the catalogue. */
import { join } from 'node:path';
import { createHttpCandleSource, fetchCandles, openEtagMemory, openExchangeSource, type FetchOutcome } from '@quantbot/backtest';
import { AppError, parseInterval, type CandleSource } from '@quantbot/core';
import { createPostgresCandleSource } from '@quantbot/storage';
import { Option, type Command } from 'commander';
import { withWorkspace, type CliContext } from '../context.ts';
import { formatCount, formatTime } from '../terminal/format.ts';
import { watchInterrupts } from '../terminal/interrupt.ts';
import { createProgressLine, type ProgressLine } from '../terminal/progress.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { createCommand } from './command.ts';
import {
  parseColumns,
  parsePageLimit,
  parseRange,
  parseSymbols,
  readAuthorization,
  refuseForeignFlags,
  type FetchFlags,
} from './data-fetch-flags.ts';

const EXAMPLES = [
  'quantbot data fetch --source http --url http://localhost:8080 --symbol EURUSD --timeframe 1h --from 2024-01-01 --to 2024-06-30',
  'quantbot data fetch --source http --symbol EURUSD GBPUSD --timeframe 1h --update',
  'quantbot data fetch --source postgres --table market.candles --columns time=bucket --symbol BTC-USDT --timeframe 5m --from 2024-01-01',
  'quantbot data fetch --source exchange --exchange binance --symbol BTC/USDT=BTC-USDT --timeframe 1h --from 2024-01-01',
];

export function createDataFetchCommand(context: CliContext): Command {
  return createCommand(
    'fetch',
    'Fetch candles from a candle server, a PostgreSQL table or an exchange. Fetching twice adds nothing',
    EXAMPLES,
  )
    .addOption(new Option('--source <kind>', 'where from').choices(['http', 'postgres', 'exchange']).makeOptionMandatory())
    .requiredOption('--symbol <symbol...>', 'symbols, each as SYMBOL or SYMBOL=NAME with its name in the catalogue')
    .requiredOption('--timeframe <interval>', 'interval of the candles, such as 5m, 1h or 1d')
    .option('--from <date>', 'first candle (UTC)')
    .option('--to <date>', 'last day, included, or a time; default: now. Candles that have not ended are left out')
    .option('--update', 'go on after the last stored candle of each symbol')
    .addOption(new Option('--on-conflict <rule>', 'candles that contradict stored ones').choices(['refuse', 'replace']).default('refuse'))
    .option('--columns <field=column...>', 'fields or columns with other names, such as time=bucket,close=last')
    .option('--url <url>', 'http: address of the server; default: WS_MARKET_DATA_URL. /api/candles is added when it has no path')
    .option('--auth-env <name>', 'http: the environment variable with the value of the Authorization header, such as "Bearer ..."')
    .addOption(new Option('--time-format <format>', 'http: how from and to are sent; default: s').choices(['s', 'ms', 'iso']))
    .option('--page-limit <candles>', 'http, exchange: candles to ask for at once')
    .option('--database-url <url>', 'postgres: default and better place: the environment variable DATABASE_URL')
    .option('--table <name>', 'postgres: table or view, such as candles or market.candles; default: candles')
    .option('--exchange <id>', "exchange: ccxt's name of it, such as binance")
    .option('--json', 'the outcome as JSON')
    .action(async (flags: FetchFlags) => {
      await runFetch(context, flags);
    });
}

async function runFetch(context: CliContext, flags: FetchFlags): Promise<void> {
  refuseForeignFlags(flags);
  const symbols = parseSymbols(flags.symbol);
  const intervalS = parseInterval(flags.timeframe);
  const range = parseRange(flags, context.nowMs());
  await withWorkspace(context, flags, async ({ workspace, catalogue }) => {
    const source = await openSource(context, flags, workspace);
    const outcomes = await withFetchRoom(context, flags, ({ signal, progress }) => {
      progress.stage(`Fetching ${flags.timeframe} candles from ${source.name}`);
      return fetchCandles({
        catalogue,
        source,
        symbols,
        intervalS,
        ...range,
        update: flags.update === true,
        onConflict: flags.onConflict,
        // The import that follows sweeps what a process that was killed has left here.
        stagingDir: join(workspace.dataDir, 'staging'),
        nowS: Math.floor(context.nowMs() / 1000),
        signal,
        onProgress: ({ symbol, candles, share }) => {
          progress.report(share, `${symbol}: ${formatCount(candles)} candles`);
        },
      });
    }).finally(() => source.close());
    context.stdout.write(flags.json === true ? `${JSON.stringify(outcomes)}\n` : describeOutcomes(outcomes, source.name));
  });
}

interface FetchRoom {
  readonly signal: AbortSignal;
  readonly progress: ProgressLine;
}

/** Progress and Ctrl-C for the length of one fetch. */
export async function withFetchRoom<T>(context: CliContext, flags: { quiet?: boolean }, use: (room: FetchRoom) => Promise<T>): Promise<T> {
  const interrupt = watchInterrupts();
  const progress = createProgressLine({ stream: context.stderr, isQuiet: flags.quiet === true, nowMs: context.nowMs });
  try {
    return await use({ signal: interrupt.signal, progress });
  } finally {
    progress.finish();
    interrupt.stop();
  }
}

async function openSource(context: CliContext, flags: FetchFlags, workspace: Workspace): Promise<CandleSource> {
  const { env, nowMs } = context;
  switch (flags.source) {
    case 'http':
      return createHttpCandleSource({
        url: requireSetting(
          flags.url ?? env['WS_MARKET_DATA_URL'],
          '--url: name the address of the candle server, or set WS_MARKET_DATA_URL',
        ),
        nowMs,
        ...readAuthorization(env, flags.authEnv),
        ...parseColumns(flags),
        ...parsePageLimit(flags),
        ...(flags.timeFormat !== undefined && { timeFormat: flags.timeFormat }),
        etags: await openEtagMemory(join(workspace.dataDir, 'candle-server-etags.json')),
      });
    case 'postgres':
      return createPostgresCandleSource({
        url: requireSetting(
          flags.databaseUrl ?? env['DATABASE_URL'],
          '--database-url: set DATABASE_URL to postgres://user:password@host:port/database',
        ),
        table: flags.table ?? 'candles',
        ...parseColumns(flags),
      });
    case 'exchange':
      return openExchangeSource({
        exchange: requireSetting(flags.exchange, '--exchange: name the exchange as ccxt does, such as binance'),
        workspaceRoot: workspace.root,
        nowMs,
        ...parsePageLimit(flags),
      });
  }
}

function requireSetting(value: string | undefined, message: string): string {
  if (value === undefined || value === '') throw new AppError('USAGE', message);
  return value;
}

function describeOutcomes(outcomes: readonly FetchOutcome[], sourceName: string): string {
  const lines = outcomes.map((outcome) => {
    if (outcome.range === undefined) return `${outcome.instrument}: up to date`;
    const until = `${formatTime(outcome.range.fromS * 1000)} to ${formatTime(outcome.range.toS * 1000)}`;
    const remarks = [
      ...(outcome.candlesReplaced > 0 ? [`${formatCount(outcome.candlesReplaced)} replaced`] : []),
      ...(outcome.candlesUnfinished > 0 ? [`${formatCount(outcome.candlesUnfinished)} left out because not ended`] : []),
      ...(outcome.candlesOutside > 0 ? [`${formatCount(outcome.candlesOutside)} left out because outside the range`] : []),
    ];
    const counts = [`${formatCount(outcome.candlesReceived)} candles received`, `${formatCount(outcome.candlesAdded)} new`, ...remarks];
    return `${outcome.instrument}: ${counts.join(', ')} (${until})`;
  });
  const added = outcomes.reduce((total, { candlesAdded }) => total + candlesAdded, 0);
  return `${[...lines, `From ${sourceName}: ${formatCount(added)} new candles`].join('\n')}\n`;
}
