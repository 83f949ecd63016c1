/** The secret that tokens are signed with: from the environment, from a file that only its owner can read, or new at every start. */
import { randomBytes } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { AppError } from '@quantbot/core';

const VARIABLE = 'QUANTBOT_JWT_SECRET';
const MIN_BYTES = 32;
const OTHERS = 0o077;

/** Throws INVALID_CONFIG; the secret itself is never part of a message. */
export async function findJwtSecret(env: NodeJS.ProcessEnv, path: string | null): Promise<Uint8Array> {
  const text = env[VARIABLE] ?? '';
  if (text !== '') return checkLength(Buffer.from(text), VARIABLE);
  return path === null ? randomBytes(MIN_BYTES) : readSecretFile(path);
}

async function readSecretFile(path: string): Promise<Uint8Array> {
  const stats = await stat(path).catch(() => undefined);
  if (stats?.isFile() !== true) throw new AppError('INVALID_CONFIG', `jwt_secret_file: expected a file, found none: ${path}`);
  if (process.platform !== 'win32' && (stats.mode & OTHERS) !== 0) {
    throw new AppError('INVALID_CONFIG', `jwt_secret_file: others can read ${path}; run chmod 600 on it`);
  }
  return checkLength(Buffer.from((await readFile(path, 'utf8')).trim()), 'jwt_secret_file');
}

function checkLength(secret: Uint8Array, where: string): Uint8Array {
  if (secret.byteLength >= MIN_BYTES) return secret;
  throw new AppError(
    'INVALID_CONFIG',
    `${where}: expected ${MIN_BYTES} bytes or more, found ${secret.byteLength}; make one with \`openssl rand -hex 32\``,
  );
}
