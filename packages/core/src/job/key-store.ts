/** The port to API keys. Only hashes are kept: a key is shown once, when it is made. */

/** Each role may do what the ones before it may. */
export const ROLES = ['read', 'run', 'admin'] as const;
export type Role = (typeof ROLES)[number];

export interface ApiKey {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  /** The first characters, to tell keys apart. */
  readonly prefix: string;
  readonly createdAtMs: number;
  readonly lastUsedAtMs: number | null;
  readonly revokedAtMs: number | null;
}

export interface KeyStore {
  createKey(key: {
    readonly id: string;
    readonly name: string;
    readonly role: Role;
    readonly prefix: string;
    readonly sha256: string;
    readonly createdAtMs: number;
  }): Promise<ApiKey>;
  /** Revoked ones too: the caller refuses them. */
  findKeyByHash(sha256: string): Promise<ApiKey | undefined>;
  listKeys(): Promise<readonly ApiKey[]>;
  /** false: no such key, or revoked before. */
  revokeKey(id: string, atMs: number): Promise<boolean>;
  /** Notes when a key was last used; at most once a minute per key, so that reading does not mean writing. */
  touchKey(id: string, atMs: number): Promise<void>;
  close(): Promise<void>;
}
