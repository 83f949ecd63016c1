/** A file of a run folder of a server, as text. */
import type { Client } from '@quantbot/client';
import { AppError } from '@quantbot/core';

/** Results hold every trade and point of a curve: they may take a while over a slow line. */
const TIMEOUT_MS = 600_000;

/** Rejects with the error of the server, or SERVER_UNREACHABLE if the line breaks in the middle. */
export async function readReportText(client: Client, run: string, file: string): Promise<string> {
  const answer = await client.getReportFile({ params: { run, file }, timeoutMs: TIMEOUT_MS });
  try {
    return await answer.text();
  } catch (cause) {
    throw new AppError('SERVER_UNREACHABLE', `${client.baseUrl} broke off while it sent ${file} of ${run}`, { cause });
  }
}
