/** `quantbot backtest run`: one strategy on the candles of one or several symbols. */
import {
  DEFAULT_WARM_UP_CANDLES,
  loadStrategy,
  renderCandleBacktestTables,
  runCandleBacktest,
  toResultDocument,
  writeCandleBacktestReport,
  type CandleBacktestOutcome,
  type CandleBacktestRequest,
} from '@quantbot/backtest';
import { AppError, PERIODS, toIntervalLabel, type RunBacktest, type SimulationSettings } from '@quantbot/core';
import type { Command } from 'commander';
import { useColor, withEngine, withWorkspace, type CliContext, type EngineRoom, type OpenWorkspace } from '../context.ts';
import { createRemoteSeries } from '../remote/remote-series.ts';
import { attachToBacktest, runBacktestThere, type BacktestBody, type RemoteRun } from '../remote/run-backtest.ts';
import { addServerFlags, findServer, refuseHere, type ServerFlags } from '../remote/server.ts';
import { collect, parseNameList, parsePeriod, parseWholeNumber } from '../terminal/parse-flags.ts';
import { readConfig } from '../workspace/config.ts';
import { chooseRunDir, toRunProvenance, toShownPath } from '../workspace/run-dir.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { chooseIntervalS, chooseSymbols, parseAssignments, readRequestFile, toBound } from './backtest-run-request.ts';
import { addSettingFlags, toSettings, type SettingFlags } from './backtest-run-settings.ts';
import { createCommand } from './command.ts';

interface RunFlags extends ServerFlags {
  readonly request?: string;
  readonly attach?: string;
  readonly symbol?: readonly string[];
  readonly symbols?: readonly string[];
  readonly timeframe?: string;
  readonly from?: string;
  readonly to?: string;
  readonly set?: readonly string[];
  readonly warmUpCandles: string;
  readonly periods?: readonly string[];
  readonly objectives?: readonly string[];
  readonly timeout: string;
  readonly json?: boolean;
  /** A folder; true: a new one below runs/; false: no report. */
  readonly report: string | boolean;
}

const DEFAULT_TIMEOUT_S = '300';

export function createBacktestRunCommand(context: CliContext): Command {
  const command = createCommand('run', 'What a strategy would have traded on candles, after costs, beside buying and holding', [
    'quantbot backtest run golden_cross --symbol EURUSD --timeframe 1h',
    'quantbot backtest run donchian_regime --symbols BTC-USDT,ETH-USDT --timeframe 4h --from 2023-01-01 --set entry=55 --set side=long',
    'quantbot backtest run --request test-death-cross.json --json > result.json',
    'quantbot backtest run golden_cross --server http://127.0.0.1:3001',
  ])
    .argument('[strategy]', 'name of a strategy in strategies/, or a file; --request can name it instead')
    .option(
      '--request <file>',
      'a request in JSON: strategy_name, symbol, timeframe, start_date, end_date, initial_capital; flags win over it',
    )
    .option(
      '--symbol <name>',
      'repeat it for several on one account; EURUSD, EUR-USD and EUR_USD are one (default: the only one stored)',
      collect,
    )
    .option('--symbols <names>', 'the same as a list: A,B', collect)
    .option('--timeframe <interval>', 'candles such as 1h; made of finer stored ones if need be (default: the only stored ones)')
    .option('--from <time>', 'first day or time (UTC); candles before it only warm indicators up (default: the whole data)')
    .option('--to <time>', 'last day, included; a time is excluded (UTC)')
    .option('--set <assignment>', 'value of a parameter, such as fast=20; repeat it for several', collect)
    .option('--warm-up-candles <count>', 'most candles before --from that indicators may use', String(DEFAULT_WARM_UP_CANDLES))
    .option('--periods <periods...>', `judge these too, counted back from the end: ${PERIODS.join(', ')} (default: all)`)
    .option('--objectives <names...>', 'compute these objectives of studies too');
  return addServerFlags(addSettingFlags(command))
    .option('--attach <id>', 'follow a backtest that a server runs already, and print it')
    .option('--timeout <seconds>', 'end the backtest after this time', DEFAULT_TIMEOUT_S)
    .option('--json', 'the whole result as JSON on stdout')
    .option('--report [dir]', 'where the report goes (default: a new folder below runs/)', true)
    .option('--no-report', 'no report')
    .action(async (strategy: string | undefined, flags: RunFlags & SettingFlags) => {
      await runCommand(context, { flags, strategy });
    });
}

interface Asked {
  readonly strategy: string | undefined;
  readonly flags: RunFlags & SettingFlags;
}

async function runCommand(context: CliContext, asked: Asked): Promise<void> {
  const { flags } = asked;
  const client = await findServer(context, flags);
  if (client !== undefined) {
    await runThere({ context, flags, client }, asked);
    return;
  }
  if (flags.attach !== undefined) throw new AppError('USAGE', '--attach goes with --server URL or QUANTBOT_SERVER');
  // Loading a strategy in Python runs its file, which can take for ever just as well.
  const engineTimeoutMs = parseWholeNumber('--timeout', flags.timeout, 1) * 1000;
  await withEngine(context, { ...flags, engineTimeoutMs }, async (room) => {
    // Python starts while the catalogue is opened and the candles are chosen.
    room.engine.warmUp();
    await withWorkspace(context, flags, async (open) => {
      room.progress.stage('Choosing candles');
      const request = await toRequest(context, asked, { room, open });
      room.progress.stage('Simulating');
      const outcome = await runCandleBacktest({ ...open, engine: room.engine, slicesDir: open.workspace.slicesDir }, request, {
        signal: room.interrupt.signal,
        onProgress: (done) => {
          room.progress.update(done);
        },
      });
      room.progress.finish();
      const htmlPath = flags.report === false ? undefined : await writeReport({ context, flags, workspace: open.workspace, outcome });
      print(context, flags, outcome);
      if (htmlPath !== undefined && flags.quiet !== true) context.stderr.write(`\nReport: ${htmlPath}\n`);
    });
  });
}

async function runThere(run: RemoteRun, asked: Asked): Promise<void> {
  const { attach, report, timeout, warmUpCandles } = asked.flags;
  refuseHere(
    {
      report: typeof report === 'string',
      noReport: report === false,
      timeout: timeout !== DEFAULT_TIMEOUT_S,
      warmUpCandles: warmUpCandles !== String(DEFAULT_WARM_UP_CANDLES),
    },
    {
      report: 'reports stay in its workspace',
      noReport: 'it writes one for every backtest',
      timeout: 'it is a setting of the server',
      warmUpCandles: 'it always uses the default',
    },
  );
  if (attach === undefined) await runBacktestThere(run, await toBody(run, asked));
  else await attachToBacktest(run, attach);
}

/** What is left out here is chosen from what the server has stored. */
async function toBody({ context, client }: RemoteRun, { strategy, flags }: Asked): Promise<BacktestBody> {
  const file = flags.request === undefined ? NO_FILE : await readRequestFile(context.cwd, flags.request);
  const stored = await createRemoteSeries(client).listSeries();
  const symbols = chooseSymbols(stored, toAskedSymbols(flags, file));
  const [from, to] = [flags.from ?? file.start_date, flags.to ?? file.end_date];
  // Slips are told in the words of the flags.
  toBound('from', flags.from, undefined);
  toBound('to', flags.to, undefined);
  const { periods, objectives } = toJudgement(flags, file);
  return {
    strategy_name: toStrategyName(strategy, file),
    symbols: [...symbols],
    timeframe: toIntervalLabel(chooseIntervalS(stored, symbols, flags.timeframe ?? file.timeframe)),
    ...(from !== undefined && { start_date: from }),
    ...(to !== undefined && { end_date: to }),
    params: { ...file.params, ...parseAssignments(flags.set ?? []) },
    simulation: { ...toFileSettings(file), ...(await toSettings(flags, { cwd: context.cwd, symbols })) },
    periods: [...periods],
    objectives: [...objectives],
  };
}

interface Rooms {
  readonly room: EngineRoom;
  readonly open: OpenWorkspace;
}

async function toRequest(context: CliContext, { strategy, flags }: Asked, { room, open }: Rooms): Promise<CandleBacktestRequest> {
  const file = flags.request === undefined ? NO_FILE : await readRequestFile(context.cwd, flags.request);
  const name = toStrategyName(strategy, file);
  const { strategiesDir, configPath } = open.workspace;
  const stored = await open.catalogue.listSeries();
  const symbols = chooseSymbols(stored, toAskedSymbols(flags, file));
  return {
    strategy: await loadStrategy({ strategiesDir, engine: room.engine, pathsFrom: context.cwd }, name),
    symbols,
    intervalS: chooseIntervalS(stored, symbols, flags.timeframe ?? file.timeframe),
    fromMs: toBound('from', flags.from, file.start_date),
    toMs: toBound('to', flags.to, file.end_date),
    params: { ...file.params, ...parseAssignments(flags.set ?? []) },
    defaults: (await readConfig(configPath)).backtest ?? {},
    overrides: { ...toFileSettings(file), ...(await toSettings(flags, { cwd: context.cwd, symbols })) },
    ...toJudgement(flags, file),
    warmUpCandles: parseWholeNumber('--warm-up-candles', flags.warmUpCandles, 0),
  };
}

/** A request file may leave out whatever has a default; without one everything is left out. */
type GivenRequest = Partial<RunBacktest>;
const NO_FILE: GivenRequest = {};

function toStrategyName(strategy: string | undefined, file: GivenRequest): string {
  const name = strategy ?? file.strategy_name;
  if (name !== undefined) return name;
  throw new AppError('USAGE', 'which strategy? Name one of `quantbot strategies list`, or give a request with --request FILE');
}

function toFileSettings({ initial_capital: initialCapital, simulation }: GivenRequest): SimulationSettings {
  return { ...simulation, ...(initialCapital !== undefined && { initial_capital: initialCapital }) };
}

function toJudgement(flags: RunFlags, file: GivenRequest): Pick<CandleBacktestRequest, 'periods' | 'objectives'> {
  const periods = flags.periods && parseNameList(flags.periods).map((each) => parsePeriod('--periods', each));
  const objectives = flags.objectives && parseNameList(flags.objectives);
  return { periods: periods ?? file.periods ?? ['all'], objectives: objectives ?? file.objectives ?? [] };
}

function toAskedSymbols({ symbol, symbols }: RunFlags, file: GivenRequest): readonly string[] {
  const named = parseNameList([...(symbol ?? []), ...(symbols ?? [])]);
  if (named.length > 0) return named;
  return file.symbols ?? (file.symbol === undefined ? [] : [file.symbol]);
}

interface ReportRequest {
  readonly context: CliContext;
  readonly flags: RunFlags;
  readonly workspace: Workspace;
  readonly outcome: CandleBacktestOutcome;
}

async function writeReport({ context, flags, workspace, outcome }: ReportRequest): Promise<string> {
  const createdAt = new Date(context.nowMs()).toISOString();
  const { request, slice, engineSourceHash, loadMs, computeMs } = outcome;
  const dir = await chooseRunDir(context, workspace, { createdAt, kind: request.strategy.name, sliceId: slice.id, asked: flags.report });
  const timingsMs = { engine_load: loadMs, engine_compute: computeMs };
  const provenance = toRunProvenance(context, workspace, { createdAt, engineSourceHash, workers: 1, timingsMs });
  const { htmlPath } = await writeCandleBacktestReport(outcome, provenance, dir);
  return toShownPath(context, htmlPath);
}

function print(context: CliContext, flags: RunFlags, outcome: CandleBacktestOutcome): void {
  const options = { width: context.stdout.columns || 100, color: useColor(context, flags, context.stdout) };
  context.stdout.write(
    flags.json === true ? `${JSON.stringify(toResultDocument(outcome))}\n` : renderCandleBacktestTables(outcome, options),
  );
}
