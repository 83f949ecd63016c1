/** `quantbot keys ...`: who may use the server. A key is shown once; only its hash is kept. */
import { randomBytes } from 'node:crypto';
import { toTableLines, toTerminalText } from '@quantbot/backtest';
import { AppError, ROLES, type ApiKey, type KeyStore } from '@quantbot/core';
import { createApiKey } from '@quantbot/server';
import { openStores } from '@quantbot/storage';
import { Command, Option } from 'commander';
import type { CliContext, CommonFlags } from '../context.ts';
import { createStudyId } from '../studies/study-id.ts';
import { toStoreLocation } from '../studies/study-store.ts';
import { formatTime } from '../terminal/format.ts';
import { findWorkspace } from '../workspace/workspace.ts';
import { createCommand } from './command.ts';

interface KeyFlags extends CommonFlags {
  readonly json?: boolean;
}
type CreateFlags = KeyFlags & { readonly name: string; readonly role: (typeof ROLES)[number] };

export function createKeysCommand(context: CliContext): Command {
  return new Command('keys')
    .description('API keys of the server: made, listed, revoked')
    .addCommand(createCreateCommand(context))
    .addCommand(createListCommand(context))
    .addCommand(createRevokeCommand(context));
}

function createCreateCommand(context: CliContext): Command {
  return createCommand('create', 'Make a key. It is printed on stdout, once: keep it', [
    'quantbot keys create --name dashboard --role run',
    'quantbot keys create --name grafana > grafana.key',
  ])
    .requiredOption('--name <text>', 'what it is for')
    .addOption(new Option('--role <role>', 'what it may do; each role may do what the ones before it may').choices(ROLES).default('read'))
    .option('--json', 'as JSON')
    .action(async (flags: CreateFlags) => {
      await withKeys(context, flags, async (keys) => {
        const { secret, prefix, sha256 } = createApiKey(randomBytes);
        const { name, role } = flags;
        const key = await keys.createKey({ id: createStudyId(context.nowMs()), name, role, prefix, sha256, createdAtMs: context.nowMs() });
        context.stdout.write(flags.json === true ? `${JSON.stringify({ ...toJson(key), key: secret })}\n` : `${secret}\n`);
        if (flags.quiet !== true && flags.json !== true) {
          context.stderr.write(
            `Key ${key.id} for ${toTerminalText(name)}, role ${role}. It cannot be shown again. Use it as: Authorization: Bearer KEY\n`,
          );
        }
      });
    });
}

function createListCommand(context: CliContext): Command {
  return createCommand('list', 'All keys, without their secrets', ['quantbot keys list', 'quantbot keys list --json'])
    .option('--json', 'as JSON')
    .action(async (flags: KeyFlags) => {
      await withKeys(context, flags, async (keys) => {
        const all = await keys.listKeys();
        context.stdout.write(
          flags.json === true ? `${JSON.stringify({ keys: all.map(toJson) })}\n` : renderKeys(all, context.stdout.columns || 100),
        );
      });
    });
}

function createRevokeCommand(context: CliContext): Command {
  return createCommand('revoke', 'End a key at once; tokens made from it end within seconds', ['quantbot keys revoke 20260131-k3f9ab'])
    .argument('<id>', 'its id, as `keys list` shows it')
    .action(async (id: string, flags: KeyFlags) => {
      await withKeys(context, flags, async (keys) => {
        if (!(await keys.revokeKey(id, context.nowMs()))) {
          throw new AppError('INVALID_REQUEST', `no valid key has the id ${id}; see \`quantbot keys list\``);
        }
        context.stdout.write(`Revoked ${id}.\n`);
      });
    });
}

async function withKeys(context: CliContext, flags: CommonFlags, use: (keys: KeyStore) => Promise<void>): Promise<void> {
  const workspace = await findWorkspace(flags.workspace, context.cwd);
  const stores = await openStores(toStoreLocation(workspace, context.env));
  try {
    await use(stores.keys);
  } finally {
    await stores.close();
  }
}

function toTime(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}

function toJson({ id, name, role, prefix, createdAtMs, lastUsedAtMs, revokedAtMs }: ApiKey): Readonly<Record<string, unknown>> {
  return { id, name, role, prefix, created_at: toTime(createdAtMs), last_used_at: toTime(lastUsedAtMs), revoked_at: toTime(revokedAtMs) };
}

const COLUMNS = [
  { title: 'Id', align: 'left', dropOrder: 0 },
  { title: 'Name', align: 'left', dropOrder: 1 },
  { title: 'Role', align: 'left', dropOrder: 0 },
  { title: 'Begins', align: 'left', dropOrder: 2 },
  { title: 'State', align: 'left', dropOrder: 0 },
  { title: 'Last used (UTC)', align: 'left', dropOrder: 3 },
] as const;

function renderKeys(keys: readonly ApiKey[], width: number): string {
  if (keys.length === 0) return 'No keys. Make one with `quantbot keys create --name NAME --role run`.\n';
  const rows = keys.map((key) => [
    key.id,
    toTerminalText(key.name),
    key.role,
    `${key.prefix}...`,
    key.revokedAtMs === null ? 'valid' : 'revoked',
    key.lastUsedAtMs === null ? 'never' : formatTime(key.lastUsedAtMs),
  ]);
  return `${toTableLines({ columns: COLUMNS, rows }, width).join('\n')}\n`;
}
