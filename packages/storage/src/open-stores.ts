/** Studies, jobs and keys of one workspace or team: three ports over one database. */
import type { JobStore, KeyStore, StudyStore } from '@quantbot/core';
import { createJobStore } from './jobs/create-job-store.ts';
import { createKeyStore } from './keys/create-key-store.ts';
import { createStudyStore, openStudyDatabase, type StudyStoreLocation } from './studies/open-study-store.ts';

export interface Stores {
  readonly studies: StudyStore;
  readonly jobs: JobStore;
  readonly keys: KeyStore;
  /** Closes all three. */
  close(): Promise<void>;
}

/** Makes the tables, or brings them up to date, first. STORAGE_FAILED or DISK_FULL. */
export async function openStores(location: StudyStoreLocation): Promise<Stores> {
  const database = await openStudyDatabase(location);
  return {
    studies: createStudyStore(database),
    jobs: createJobStore(database),
    keys: createKeyStore(database),
    close: () => database.close(),
  };
}
