/** Studies for the length of one command: those of the workspace, or of the server that is asked for. */
import type { CliContext } from '../context.ts';
import { withStudyStore, type StudyRoom } from '../studies/study-store.ts';
import { createRemoteStudies, type Studies } from './remote-studies.ts';
import { findServer, type ServerFlags } from './server.ts';

export interface StudiesRoom {
  readonly store: Studies;
  /** With the store of the workspace, where artefacts are recorded. undefined: on a server. */
  readonly here: StudyRoom | undefined;
}

export async function withStudies<T>(context: CliContext, flags: ServerFlags, use: (room: StudiesRoom) => Promise<T>): Promise<T> {
  const client = await findServer(context, flags);
  if (client !== undefined) return use({ store: createRemoteStudies(client), here: undefined });
  return withStudyStore(context, flags, (here) => use({ store: here.store, here }));
}
