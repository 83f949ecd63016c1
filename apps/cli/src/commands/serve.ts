/** `quantbot serve`: everything the command line can do, for programs and the dashboard, on one port. */
import { once } from 'node:events';
import type { Command } from 'commander';
import type { CliContext, CommonFlags } from '../context.ts';
import { openServer } from '../server/open-server.ts';
import { resolveSettings, type SettingName } from '../server/server-settings.ts';
import { watchInterrupts } from '../terminal/interrupt.ts';
import { parseWholeNumber } from '../terminal/parse-flags.ts';
import { readConfig } from '../workspace/config.ts';
import { findWorkspace } from '../workspace/workspace.ts';
import { createCommand } from './command.ts';

interface ServeFlags extends CommonFlags {
  readonly host?: string;
  readonly port?: string;
  readonly auth?: string;
  readonly maxConcurrent?: string;
  readonly logLevel?: string;
}

export function createServeCommand(context: CliContext): Command {
  return createCommand('serve', 'REST and WebSocket API on one port, over the same workspace that the command line uses (docs/server.md)', [
    'quantbot serve',
    'quantbot serve --port 3001 --host 127.0.0.1',
    'quantbot keys create --name dashboard --role run && quantbot serve --host 0.0.0.0 --auth keys',
  ])
    .option('--host <address>', 'address to listen on (default: 127.0.0.1, or the setting host)')
    .option('--port <number>', 'port to listen on (default: 3001, or PORT)')
    .option('--auth <off|keys>', 'whether callers need a key (default: off on this machine alone)')
    .option('--max-concurrent <count>', 'jobs that run at a time')
    .option('--log-level <level>', 'fatal, error, warn, info, debug or silent')
    .action(async (flags: ServeFlags) => {
      await serve(context, flags);
    });
}

async function serve(context: CliContext, flags: ServeFlags): Promise<void> {
  const workspace = await findWorkspace(flags.workspace, context.cwd);
  const { server: file = {} } = await readConfig(workspace.configPath);
  const { settings } = resolveSettings({ file, env: context.env, flags: toSettingFlags(flags) });
  const interrupt = watchInterrupts();
  try {
    const open = await openServer({ context, workspace, settings });
    if (flags.quiet !== true) context.stderr.write(`quantbot serves ${workspace.name} on ${open.url} (documentation: ${open.url}/docs)\n`);
    if (!interrupt.signal.aborted) await once(interrupt.signal, 'abort');
    if (flags.quiet !== true) context.stderr.write('Shutting down; once more ends at once.\n');
    await open.stop();
  } finally {
    interrupt.stop();
  }
}

function toSettingFlags(flags: ServeFlags): Partial<Record<SettingName, unknown>> {
  return {
    host: flags.host,
    port: flags.port === undefined ? undefined : parseWholeNumber('--port', flags.port, 0),
    auth: flags.auth,
    max_concurrent: flags.maxConcurrent === undefined ? undefined : parseWholeNumber('--max-concurrent', flags.maxConcurrent, 1),
    log_level: flags.logLevel,
  };
}
