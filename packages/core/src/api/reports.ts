/** Run folders below runs/: reports, tables and result documents, as files. */
import { z } from 'zod';
import { IsoTimeSchema, pageFields, pageOf, SearchTextSchema } from './common.ts';
import { defineRoute } from './contract.ts';

/** A folder below runs/ or a file in it: one name, no way up, nothing hidden. */
export const FILE_NAME_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;
const FileNameSchema = z
  .string()
  .regex(FILE_NAME_PATTERN, 'expected the name of a file or folder')
  .refine((name) => !name.includes('..'), 'expected a name without ..');

const RunSchema = z
  .object({
    run: z.string(),
    kind: z.string().nullable(),
    created_at: IsoTimeSchema,
    study_id: z.string().nullable(),
    has_page: z.boolean(),
  })
  .meta({ id: 'Run', description: 'A run folder. `kind` is that of its manifest; null if it has none.' });

const tag = 'reports';
export const REPORT_ROUTES = {
  listReports: defineRoute({
    id: 'listReports',
    method: 'GET',
    path: '/api/reports',
    tag,
    summary: 'Run folders, newest first',
    role: 'read',
    query: z.strictObject({ ...pageFields, search: SearchTextSchema.optional() }),
    status: 200,
    response: pageOf(RunSchema),
    errors: [],
  }),
  listReportFiles: defineRoute({
    id: 'listReportFiles',
    method: 'GET',
    path: '/api/reports/:run',
    tag,
    summary: 'Files of a run folder',
    role: 'read',
    params: z.strictObject({ run: FileNameSchema }),
    status: 200,
    response: z.object({ run: z.string(), files: z.array(z.object({ name: z.string(), bytes: z.int(), updated_at: IsoTimeSchema })) }),
    errors: ['NOT_FOUND'],
  }),
  getReportFile: defineRoute({
    id: 'getReportFile',
    method: 'GET',
    path: '/api/reports/:run/:file',
    tag,
    summary: 'One file of a run folder; HTML is shown without access to the server',
    role: 'read',
    params: z.strictObject({ run: FileNameSchema, file: FileNameSchema }),
    status: 200,
    response: { contentType: '*/*' },
    errors: ['NOT_FOUND'],
  }),
};
