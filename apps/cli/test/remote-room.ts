/** A workspace that a real server process serves, and the command line beside it: in that workspace, and from elsewhere over the network. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toPriceCsv } from './candle-files.ts';
import { runCli, startCli, type CliOptions, type CliRun, type RunningCli } from './run-cli.ts';

export const CROSSING = `name: golden_cross
description: Buys when the fast average crosses the slow one
parameters:
  fast: {default: 5, low: 3, high: 9, step: 2}
  slow: 20
entry:
  when:
    - crosses_above(sma(\${fast}), sma(\${slow}))
  action: buy
  size: 0.5
exit:
  signal_exit:
    when:
      - crosses_below(sma(\${fast}), sma(\${slow}))
    action: close_all
  stop_loss: {type: percentage, value: 0.02}
`;

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
  serveAlso(...flags: string[]): Promise<{ readonly server: RunningCli; readonly url: string }>;
}

export async function openRemoteRoom(): Promise<RemoteRoom> {
  const dir = await mkdtemp(join(tmpdir(), 'quantbot-remote-test-'));
  const elsewhere = await mkdtemp(join(tmpdir(), 'quantbot-remote-user-'));
  const here = (...args: string[]): Promise<CliRun> => runCli(args, { cwd: dir });
  const ready = await here('init');
  if (ready.exitCode !== 0) throw new Error(ready.stderr);
  await mkdir(join(dir, 'market'));
  await writeFile(join(dir, 'market', 'EURUSD_1h.csv'), toPriceCsv(1_000));
  await writeFile(join(dir, 'strategies', 'golden_cross.yaml'), CROSSING);
  await writeFile(join(elsewhere, 'study.yaml'), STUDY);
  const imported = await here('data', 'import', 'market', '--quiet');
  if (imported.exitCode !== 0) throw new Error(imported.stderr);
  const { server, url } = await startServer(dir, []);
  const env = { QUANTBOT_SERVER: url };
  return {
    url,
    dir,
    elsewhere,
    here,
    there: (...args) => runCli(args, { cwd: elsewhere, env }),
    startThere: (args, options = {}) => startCli(args, { cwd: elsewhere, ...options, env: { ...env, ...options.env } }),
    serveAlso: (...flags) => startServer(dir, flags),
    async [Symbol.asyncDispose]() {
      server.kill('SIGTERM');
      await server.ended;
      await rm(dir, { recursive: true, force: true });
      await rm(elsewhere, { recursive: true, force: true });
    },
  };
}

/** Until it says where it listens. */
async function startServer(dir: string, flags: readonly string[]): Promise<{ server: RunningCli; url: string }> {
  return new Promise((resolve, reject) => {
    const server = startCli(['serve', '--port', '0', '--log-level', 'warn', ...flags], {
      cwd: dir,
      onStderr: (text) => {
        const url = /on (http:\/\/\S+)/.exec(text)?.[1];
        if (url !== undefined) resolve({ server, url });
      },
    });
    server.ended.then(({ stderr }) => {
      reject(new Error(stderr));
    }, reject);
  });
}
