/** `quantbot studies watch`: follows a study that another process runs, until it ends. */
import type { CliContext, CommonFlags } from '../context.ts';

type WatchFlags = CommonFlags & { readonly json?: boolean };

export async function watchStudy(_context: CliContext, _flags: WatchFlags, _id: string): Promise<void> {
  throw new Error('not yet');
}
