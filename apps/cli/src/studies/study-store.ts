/** The study store of a command: SQLite in the workspace, or the PostgreSQL that DATABASE_URL names. */
import { AppError, type Study, type StudyStore } from '@quantbot/core';
import { openStudyStore, type StudyStoreLocation } from '@quantbot/storage';
import type { CliContext, CommonFlags } from '../context.ts';
import { findWorkspace, type Workspace } from '../workspace/workspace.ts';

export interface StudyRoom {
  readonly workspace: Workspace;
  readonly store: StudyStore;
}

/** A workspace with its study store for the length of one command. */
export async function withStudyStore<T>(context: CliContext, flags: CommonFlags, use: (room: StudyRoom) => Promise<T>): Promise<T> {
  const workspace = await findWorkspace(flags.workspace, context.cwd);
  const store = await openStudyStore(toStoreLocation(workspace, context.env));
  try {
    return await use({ workspace, store });
  } finally {
    await store.close();
  }
}

/** INVALID_CONFIG for an address that is no PostgreSQL. */
export function toStoreLocation(workspace: Workspace, env: NodeJS.ProcessEnv): StudyStoreLocation {
  const url = env['DATABASE_URL'] ?? '';
  if (url === '') return { kind: 'sqlite', path: workspace.studiesPath };
  if (/^postgres(ql)?:\/\//.test(url)) return { kind: 'postgres', url };
  // The address is not repeated: it may hold a password.
  throw new AppError('INVALID_CONFIG', 'DATABASE_URL: expected postgres://user:password@host:port/database, found another kind of address');
}

const MOST_CANDIDATES = 1_000;

/**
 * The study with this id, or the only one whose id, or the part of it after the date, begins so.
 * Throws STUDY_NOT_FOUND, or USAGE with the candidates if there are several.
 */
export async function getStudy(store: Pick<StudyStore, 'findStudy' | 'listStudies'>, idOrPrefix: string): Promise<Study> {
  const wanted = idOrPrefix.trim().toLowerCase();
  const exact = await store.findStudy(wanted);
  if (exact !== undefined) return exact;
  const { items } = wanted === '' ? { items: [] } : await store.listStudies({ search: wanted, limit: MOST_CANDIDATES });
  const candidates = items.filter(({ id }) => id.startsWith(wanted) || id.split('-').slice(1).join('-').startsWith(wanted));
  const [only] = candidates;
  if (only === undefined) throw new AppError('STUDY_NOT_FOUND', `no study has the id ${idOrPrefix}; see \`quantbot studies list\``);
  // The list of a server tells less of a study than the study itself.
  if (candidates.length === 1) return (await store.findStudy(only.id)) ?? only;
  const names = candidates.slice(0, 10).map(({ id }) => id);
  throw new AppError('USAGE', `several studies have an id that begins with ${idOrPrefix}: ${names.join(', ')}; write more of it`);
}
