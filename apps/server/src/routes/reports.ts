/** Run folders as files. Pages of reports hold their own scripts, so they are shown in a sandbox that cannot reach the server. */
import { AppError, type REPORT_ROUTES } from '@quantbot/core';
import { z } from 'zod';
import { listContained, openContainedFile, readContainedText, type FolderEntry } from '../files/contained-file.ts';
import type { Handlers } from '../http/register-route.ts';
import type { ServerRoom } from '../room.ts';

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  json: 'application/json; charset=utf-8',
  jsonl: 'application/x-ndjson; charset=utf-8',
  csv: 'text/csv; charset=utf-8',
  yaml: 'text/plain; charset=utf-8',
  txt: 'text/plain; charset=utf-8',
};
const SANDBOX =
  "sandbox allow-scripts allow-downloads; default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'";
const PAGES = ['report.html', 'dashboard.html'];
const MAX_MANIFEST_BYTES = 8 * 2 ** 20;
const ManifestSchema = z.looseObject({ kind: z.string().optional(), study: z.looseObject({ id: z.string() }).optional() });

export function createReportHandlers({ folders: { runsDir } }: ServerRoom): Handlers<typeof REPORT_ROUTES> {
  return {
    async listReports({ query: { offset, limit, search } }) {
      const runs = (await listContained(runsDir)).filter(
        ({ isFolder, name }) => isFolder && name.toLowerCase().includes((search ?? '').toLowerCase()),
      );
      const newest = runs.toSorted((left, right) => right.modifiedMs - left.modifiedMs || (left.name < right.name ? -1 : 1));
      return {
        items: await Promise.all(newest.slice(offset, offset + limit).map((run) => describeRun(runsDir, run))),
        total: runs.length,
        offset,
        limit,
      };
    },
    async listReportFiles({ params: { run } }) {
      const files = (await listContained(runsDir, [run])).filter(({ isFolder }) => !isFolder);
      return { run, files: files.map(({ name, bytes, modifiedMs }) => ({ name, bytes, updated_at: new Date(modifiedMs).toISOString() })) };
    },
    async getReportFile({ params: { run, file }, reply }) {
      const { handle, bytes } = await openContainedFile(runsDir, [run, file]);
      const type = TYPES[file.split('.').at(-1) ?? ''] ?? 'application/octet-stream';
      void reply.header('content-length', bytes).header('cache-control', 'no-cache').type(type);
      if (type.startsWith('text/html')) void reply.header('content-security-policy', SANDBOX);
      // What was written after the length was read is left for the next request.
      return reply.send(bytes === 0 ? (await handle.close(), '') : handle.createReadStream({ start: 0, end: bytes - 1 }));
    },
  };
}

async function describeRun(
  runsDir: string,
  { name, modifiedMs }: FolderEntry,
): Promise<{ run: string; kind: string | null; created_at: string; study_id: string | null; has_page: boolean }> {
  const files = await listContained(runsDir, [name]).catch(() => []);
  const manifest = await readManifest(runsDir, name);
  return {
    run: name,
    kind: manifest?.kind ?? null,
    created_at: new Date(modifiedMs).toISOString(),
    study_id: manifest?.study?.id ?? null,
    has_page: files.some((file) => PAGES.includes(file.name)),
  };
}

/** A folder without a readable manifest is a folder all the same. */
async function readManifest(runsDir: string, name: string): Promise<z.infer<typeof ManifestSchema> | undefined> {
  try {
    const { text } = await readContainedText(runsDir, [name, 'manifest.json'], MAX_MANIFEST_BYTES);
    return ManifestSchema.safeParse(JSON.parse(text)).data;
  } catch (error) {
    if (error instanceof AppError || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
