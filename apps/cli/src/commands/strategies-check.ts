/** `quantbot strategies check`: is it valid, and does it know at each candle only what could be known then? Exit code 5 if it cheats. */
import {
  checkCandleStrategy,
  describeStrategy,
  findStoredSeries,
  loadStrategy,
  prepareCandleSlice,
  toTerminalText,
  writeInventedSlice,
} from '@quantbot/backtest';
import {
  EXIT_CODES,
  parseInterval,
  toIntervalLabel,
  type CandleSeriesSummary,
  type CheckStrategyResult,
  type SliceRef,
} from '@quantbot/core';
import type { Command } from 'commander';
import { withEngine, withWorkspace, type CliContext, type CommonFlags, type OpenWorkspace } from '../context.ts';
import { formatCount, formatTime } from '../terminal/format.ts';
import { collect, parseWholeNumber } from '../terminal/parse-flags.ts';
import { readConfig } from '../workspace/config.ts';
import { parseAssignments } from './backtest-run-request.ts';
import { createCommand } from './command.ts';

interface CheckFlags extends CommonFlags {
  readonly symbol?: string;
  readonly timeframe?: string;
  readonly set?: readonly string[];
  readonly cuts: string;
  readonly timeout: string;
  readonly json?: boolean;
}

/** Every cut computes the strategy again; more candles would say no more and take longer. */
const MOST_CANDLES = 20_000;

export function createStrategiesCheckCommand(context: CliContext): Command {
  return createCommand('check', 'Validate a strategy, and find out whether it looks into the future: exit code 5 if it does', [
    'quantbot strategies check golden_cross',
    'quantbot strategies check my_breakout --symbol EURUSD --timeframe 1h',
  ])
    .argument('<name>', 'name of a strategy in strategies/, or a file')
    .option('--symbol <name>', 'candles to check on (default: the longest stored series; invented candles if there is none)')
    .option('--timeframe <interval>', 'candles such as 1h (default: the longest stored series)')
    .option('--set <assignment>', 'value of a parameter, such as fast=20; repeat it for several', collect)
    .option('--cuts <count>', 'places at which the candles are cut off', '20')
    .option('--timeout <seconds>', 'give up after this time', '120')
    .option('--json', 'as JSON')
    .action(async (name: string, flags: CheckFlags) => {
      await withWorkspace(context, flags, async (open) => {
        await checkStrategy(context, { name, flags, open });
      });
    });
}

interface Asked {
  readonly name: string;
  readonly flags: CheckFlags;
  readonly open: OpenWorkspace;
}

async function checkStrategy(context: CliContext, { name, flags, open }: Asked): Promise<void> {
  const { strategiesDir, configPath } = open.workspace;
  const cuts = parseWholeNumber('--cuts', flags.cuts, 1);
  const engineTimeoutMs = parseWholeNumber('--timeout', flags.timeout, 1) * 1000;
  await withEngine(context, { ...flags, engineTimeoutMs }, async ({ engine, interrupt }) => {
    const strategy = await loadStrategy({ strategiesDir, engine, pathsFrom: context.cwd }, name);
    const { backtest: defaults = {} } = await readConfig(configPath);
    const question = { strategy, defaults, overrides: {} };
    const options = { signal: interrupt.signal };
    await describeStrategy(engine, question, options);
    const market = await chooseMarket(open, flags);
    const params = parseAssignments(flags.set ?? []);
    const result = await checkCandleStrategy(engine, { ...question, slice: market.slice, params, cuts }, options);
    const document = { strategy: name, market: market.name, ...result };
    context.stdout.write(flags.json === true ? `${JSON.stringify(document)}\n` : renderCheck(name, market, result));
    if (result.findings.length > 0) context.setExitCode(EXIT_CODES.jobFailed);
  });
}

interface Market {
  readonly name: string;
  readonly slice: SliceRef;
}

async function chooseMarket({ catalogue, workspace: { slicesDir } }: OpenWorkspace, { symbol, timeframe }: CheckFlags): Promise<Market> {
  const stored = await catalogue.listSeries();
  const longest = findLongest(symbol === undefined ? stored : findStoredSeries(stored, symbol));
  if (longest === undefined) return { name: 'invented candles', slice: await writeInventedSlice(slicesDir) };
  const intervalS = timeframe === undefined ? longest.intervalS : parseInterval(timeframe);
  const fromMs = (longest.lastTimestamp - MOST_CANDLES * intervalS) * 1000;
  const request = { symbols: [longest.instrument], intervalS, fromMs, warmUpCandles: 0 };
  const { slice } = await prepareCandleSlice({ catalogue, slicesDir }, request);
  return { name: `${longest.instrument} ${toIntervalLabel(intervalS)}`, slice };
}

function findLongest(series: readonly CandleSeriesSummary[]): CandleSeriesSummary | undefined {
  return [...series].sort((a, b) => b.rows - a.rows)[0];
}

function renderCheck(
  name: string,
  market: Market,
  { findings, checked, candles, cuts, entry_signals: entries }: CheckStrategyResult,
): string {
  const scope = `${formatCount(candles)} candles of ${market.name}, cut off at ${formatCount(cuts)} places`;
  const compared = `compared: ${checked.join(', ')}`;
  const tested = [`${scope}; ${compared}`, ...(entries === 0 ? ['It never asked to enter here: other candles may show more.'] : [])];
  const lines =
    findings.length === 0
      ? [`${name} is valid and does not look ahead.`, ...tested]
      : [`${name} LOOKS AHEAD: its results cannot be had in trading.`, ...findings.map(describeFinding), ...tested];
  return `${lines.map(toTerminalText).join('\n')}\n`;
}

function describeFinding({
  kind,
  name,
  symbol,
  message,
  cut_ts_ms: cutMs,
  changed_ts_ms: changedMs,
}: CheckStrategyResult['findings'][number]): string {
  const when = `known at ${formatTime(changedMs)} only because of candles after ${formatTime(cutMs)} (${symbol})`;
  return `! ${kind} ${name}: ${message === '' ? when : message}`;
}
