/** The one place that decides whether a command works in this workspace or on a server: --server, --workspace, QUANTBOT_SERVER, in this order. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { createClient, type Client } from '@quantbot/client';
import { AppError } from '@quantbot/core';
import type { Command } from 'commander';
import type { CliContext, CommonFlags } from '../context.ts';

export interface ServerFlags extends CommonFlags {
  readonly server?: string;
  readonly apiKeyFile?: string;
}

/** A key is never a flag's value: other users of the machine see those. */
export function addServerFlags(command: Command): Command {
  return command
    .option('--server <url>', 'do it on a quantbot server (default: QUANTBOT_SERVER; without it, in this workspace)')
    .option('--api-key-file <file>', 'file with the key for the server (default: QUANTBOT_API_KEY)');
}

/** undefined: here. Throws USAGE for flags that contradict each other or an address that cannot be one. */
export async function findServer(context: CliContext, flags: ServerFlags): Promise<Client | undefined> {
  const { server, workspace, apiKeyFile } = flags;
  if (server !== undefined && workspace !== undefined) {
    throw new AppError('USAGE', '--server and --workspace contradict each other: a server has a workspace of its own');
  }
  const named = server ?? (workspace === undefined ? (context.env['QUANTBOT_SERVER'] ?? '') : '');
  if (named === '') {
    if (apiKeyFile === undefined) return undefined;
    throw new AppError('USAGE', '--api-key-file goes with --server URL or QUANTBOT_SERVER');
  }
  const apiKey = await readApiKey(context, apiKeyFile);
  return createClient({ baseUrl: named, ...(apiKey !== '' && { apiKey }) });
}

async function readApiKey({ cwd, env }: CliContext, file: string | undefined): Promise<string> {
  if (file === undefined) return env['QUANTBOT_API_KEY'] ?? '';
  const path = resolve(cwd, file);
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (cause) {
    throw new AppError('FILE_NOT_FOUND', `--api-key-file: expected a file with a key, found none that can be read: ${path}`, { cause });
  }
}

/** Flags that say something which a server decides, or cannot be told. */
export function refuseHere(flags: Readonly<Record<string, unknown>>, why: Readonly<Record<string, string>>): void {
  for (const [name, reason] of Object.entries(why)) {
    if (flags[name] === undefined || flags[name] === false) continue;
    throw new AppError(
      'USAGE',
      `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)} does not go with a server: ${reason}`,
    );
  }
}
