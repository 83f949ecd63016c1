/** For tests: what a contract test gets of a database, the same for both. */
import { AppError, type StudyStore } from '@quantbot/core';
import type { StudyStoreLocation } from '../open-study-store.ts';

/** A store of its own for each test, empty. */
export interface StoreFixture {
  readonly store: StudyStore;
  readonly location: StudyStoreLocation;
  /** A second way into the same database, as another process would have. */
  openAnother(): Promise<StudyStore>;
  [Symbol.asyncDispose](): Promise<void>;
}

export type CreateStore = () => Promise<StoreFixture>;

/** The code of the AppError that the action ends in. */
export async function codeOf(action: Promise<unknown>): Promise<string> {
  return (await failureOf(action)).code;
}

export async function failureOf(action: Promise<unknown>): Promise<AppError> {
  const error: unknown = await action.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof AppError) return error;
  throw new Error(`expected an AppError, found ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
}
