/** Brings the tables up to date: one transaction under a lock, so that a killed process leaves the old schema or the new one. */
import { AppError } from '@quantbot/core';
import type { Migration, SqlTypes } from './migrations.ts';

export interface MigrationPlan {
  readonly migrations: readonly Migration[];
  readonly types: SqlTypes;
  /** Migrations that the database has had. */
  readonly version: number;
  /** The database, as a message names it. */
  readonly place: string;
}

/** The statements that are missing, in order. STORAGE_FAILED when the database is newer than this code. */
export function findMissingStatements({ migrations, types, version, place }: MigrationPlan): string[] {
  if (version > migrations.length) {
    throw new AppError(
      'STORAGE_FAILED',
      `${place} has schema ${String(version)}, written by a newer version of quantbot; this one knows schemas up to ${String(migrations.length)}. Update quantbot.`,
    );
  }
  return migrations.slice(version).flatMap((migration) => migration(types));
}
