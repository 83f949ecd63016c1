/** API keys: 256 random bits, shown once; only their hash is kept, so that a stolen database opens nothing. */
import { createHash } from 'node:crypto';

const KEY_BYTES = 32;
const SHOWN_CHARACTERS = 10;

export interface NewApiKey {
  readonly secret: string;
  readonly prefix: string;
  readonly sha256: string;
}

export function createApiKey(randomBytes: (count: number) => Buffer): NewApiKey {
  const secret = `qb_${randomBytes(KEY_BYTES).toString('base64url')}`;
  return { secret, prefix: secret.slice(0, SHOWN_CHARACTERS), sha256: hashApiKey(secret) };
}

/** Looking up a hash takes no longer for a key that is nearly right. */
export function hashApiKey(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
