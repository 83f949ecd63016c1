/** The run folder of a study: found or made when it starts, written again at the end and now and then. */
import type { Study } from '@quantbot/core';
import type { StudyRun } from './run-study.ts';

export interface RunReporter {
  /** As the user would write it from here. */
  readonly htmlPath: string;
  write(options: { readonly isFinal: boolean }): Promise<void>;
}

export async function createRunReporter(_run: StudyRun, _study: Study): Promise<RunReporter> {
  return { htmlPath: '', write: async () => undefined };
}
