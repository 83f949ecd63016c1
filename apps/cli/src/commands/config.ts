/** `quantbot config show`: the settings in force and where each comes from. */
import { toTableLines } from '@quantbot/backtest';
import { Command } from 'commander';
import type { CliContext, CommonFlags } from '../context.ts';
import { resolveSettings, SETTING_NAMES, toVariable, type SettingName, type SettingSource } from '../server/server-settings.ts';
import { readConfig } from '../workspace/config.ts';
import { findWorkspace } from '../workspace/workspace.ts';
import { createCommand } from './command.ts';

interface ShowFlags extends CommonFlags {
  readonly origin?: boolean;
  readonly json?: boolean;
}

export function createConfigCommand(context: CliContext): Command {
  const show = createCommand('show', 'Settings of the server as `quantbot serve` would use them here', [
    'quantbot config show',
    'quantbot config show --origin',
    'PORT=8080 quantbot config show --origin --json',
  ])
    .option('--origin', 'also where each value comes from, and the variable that can change it')
    .option('--json', 'as JSON')
    .action(async (flags: ShowFlags) => {
      context.stdout.write(await renderSettings(context, flags));
    });
  return new Command('config').description('Settings: quantbot.yaml, environment, flags').addCommand(show);
}

async function renderSettings(context: CliContext, flags: ShowFlags): Promise<string> {
  const workspace = await findWorkspace(flags.workspace, context.cwd);
  const { server: file = {} } = await readConfig(workspace.configPath);
  const { sources } = resolveSettings({ file, env: context.env, flags: {} });
  const shown: Readonly<Record<string, SettingSource>> = { ...sources, database_url: describeDatabase(context.env, workspace.studiesPath) };
  if (flags.json === true) {
    const values = Object.entries(shown).map(([name, source]) => [name, flags.origin === true ? source : source.value]);
    return `${JSON.stringify(Object.fromEntries(values))}\n`;
  }
  const columns = [
    { title: 'Setting', align: 'left', dropOrder: 0 },
    { title: 'Value', align: 'left', dropOrder: 0 },
    ...(flags.origin === true
      ? ([
          { title: 'From', align: 'left', dropOrder: 0 },
          { title: 'Variable', align: 'left', dropOrder: 1 },
        ] as const)
      : []),
  ] as const;
  const rows = Object.entries(shown).map(([name, { value, origin }]) => {
    const cells = [name, toText(value)];
    return flags.origin === true ? [...cells, origin, isSetting(name) ? toVariable(name) : 'DATABASE_URL'] : cells;
  });
  return `${toTableLines({ columns, rows }, context.stdout.columns || 120).join('\n')}\n`;
}

function isSetting(name: string): name is SettingName {
  return (SETTING_NAMES as readonly string[]).includes(name);
}

/** The address holds a password: host and database are enough to recognise it. */
function describeDatabase(env: NodeJS.ProcessEnv, studiesPath: string): SettingSource {
  const url = env['DATABASE_URL'] ?? '';
  if (url === '') return { value: studiesPath, origin: 'default' };
  const parsed = URL.parse(url);
  return { value: parsed === null ? '(not an address)' : `${parsed.protocol}//${parsed.host}${parsed.pathname}`, origin: 'DATABASE_URL' };
}

function toText(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? '(none)' : value.join(', ');
  return value === null ? '(none)' : typeof value === 'string' ? value : JSON.stringify(value);
}
