/** A workspace that a real server process serves, and the command line beside it: in that workspace, and from elsewhere over the network. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCli, startCli, type CliOptions, type CliRun, type RunningCli } from './run-cli.ts';
import { openServedWorkspace, type ServerProcess } from './server-process.ts';
import { CROSSOVER } from './server-room.ts';

export const CROSSING = CROSSOVER.replace(
  'name: ma_crossover_strategy',
  'name: golden_cross\ndescription: Buys when the fast average crosses the slow one',
);

export const STUDY = `strategy: {name: golden_cross}
data: {symbol: EURUSD, timeframe: 1h}
parameters:
  fast: [3, 5, 7]
  slow: {start: 15, end: 30, step: 5}
sampler: grid
seed: 7
objectives: [sharpe_ratio]
`;

export interface RemoteRoom extends AsyncDisposable {
  readonly url: string;
  /** The folder of the workspace. */
  readonly dir: string;
  /** Where the user of the server is: a folder without a workspace. */
  readonly elsewhere: string;
  /** In the workspace. */
  here(...args: string[]): Promise<CliRun>;
  /** With QUANTBOT_SERVER, outside of any workspace. */
  there(...args: string[]): Promise<CliRun>;
  startThere(args: readonly string[], options?: Pick<CliOptions, 'onStderr' | 'env'>): RunningCli;
  /** Another server process over the same workspace. */
  serveAlso(...flags: string[]): Promise<ServerProcess>;
}

export async function openRemoteRoom(): Promise<RemoteRoom> {
  const served = await openServedWorkspace();
  const { root: dir, strategiesDir } = served.workspace;
  const elsewhere = await mkdtemp(join(tmpdir(), 'quantbot-remote-user-'));
  await writeFile(join(strategiesDir, 'golden_cross.yaml'), CROSSING);
  await writeFile(join(elsewhere, 'study.yaml'), STUDY);
  const { url } = await served.serve();
  const env = { QUANTBOT_SERVER: url };
  return {
    url,
    dir,
    elsewhere,
    here: (...args) => runCli(args, { cwd: dir }),
    there: (...args) => runCli(args, { cwd: elsewhere, env }),
    startThere: (args, options = {}) => startCli(args, { cwd: elsewhere, ...options, env: { ...env, ...options.env } }),
    serveAlso: (...args) => served.serve({ args }),
    async [Symbol.asyncDispose]() {
      await served[Symbol.asyncDispose]();
      await rm(elsewhere, { recursive: true, force: true });
    },
  };
}
