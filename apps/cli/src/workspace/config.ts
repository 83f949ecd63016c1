/** quantbot.yaml: read strictly, so that a misspelt key is an error with its place in the file and not a silent default. */
import { readFile } from 'node:fs/promises';
import { AppError, CapitalSimulatorConfigSchema, ExtremeLimitsSchema, V1BaselineGridSchema } from '@quantbot/core';
import { isNode, LineCounter, parseDocument, type Document } from 'yaml';
import { z } from 'zod';

const ConfigSchema = z.strictObject({
  version: z.literal(1),
  v1_baseline: z
    .strictObject({
      simulator_config: CapitalSimulatorConfigSchema.partial().optional(),
      param_grid: V1BaselineGridSchema.partial().optional(),
      extreme_limits: ExtremeLimitsSchema.partial().optional(),
    })
    .optional(),
});

export type WorkspaceConfig = z.input<typeof ConfigSchema>;

const MAX_BYTES = 256 * 1024;

export async function readConfig(path: string): Promise<WorkspaceConfig> {
  const text = await readFile(path, 'utf8');
  if (text.length > MAX_BYTES) throw new AppError('INVALID_CONFIG', `${path} is larger than ${String(MAX_BYTES / 1024)} KiB`);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true });
  const [syntaxError] = document.errors;
  if (syntaxError !== undefined) {
    const { line, col } = lines.linePos(syntaxError.pos[0]);
    throw new AppError('INVALID_CONFIG', `${path}:${String(line)}:${String(col)}: ${syntaxError.message.split('\n')[0] ?? 'not YAML'}`);
  }
  const value: unknown = document.toJS({ maxAliasCount: 100 });
  const checked = ConfigSchema.safeParse(value);
  if (!checked.success) {
    const problems = checked.error.issues.map((issue) => `${path}${toPlace(document, lines, issue)}: ${toWhere(issue)}${issue.message}`);
    throw new AppError('INVALID_CONFIG', problems.join('\n'), { details: { problems } });
  }
  // The checked copy would hold defaults that the file does not say, and they would win over nothing but look as if they were chosen.
  return value as WorkspaceConfig;
}

function toWhere(issue: z.core.$ZodIssue): string {
  return issue.path.length === 0 ? '' : `${issue.path.join('.')}: `;
}

function toPlace(document: Document, lines: LineCounter, issue: z.core.$ZodIssue): string {
  const path = issue.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0]] : issue.path;
  for (let length = path.length; length > 0; length -= 1) {
    const node: unknown = document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) {
      const { line, col } = lines.linePos(node.range[0]);
      return `:${String(line)}:${String(col)}`;
    }
  }
  return '';
}
