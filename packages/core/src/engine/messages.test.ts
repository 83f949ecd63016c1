import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { HostMessageSchema, OPERATION_RESULTS, OperationSchema, WorkerMessageSchema } from './messages.ts';
import { SliceManifestSchema } from './slice.ts';

const MESSAGES = new URL('../../../../protocol/messages/', import.meta.url);

const ROOTS: readonly z.ZodType[] = [HostMessageSchema, WorkerMessageSchema, OperationSchema, SliceManifestSchema, ...Object.values(OPERATION_RESULTS)];
const SCHEMAS = new Map(ROOTS.map((schema) => [String(schema.meta()?.['id']), schema]));

const GoldenSchema = z.strictObject({ schema: z.string(), field: z.string().optional(), message: z.unknown() });

function readGolden(kind: 'valid' | 'invalid') {
  const folder = new URL(`${kind}/`, MESSAGES);
  return readdirSync(folder).map((name) => ({ name, ...GoldenSchema.parse(JSON.parse(readFileSync(new URL(name, folder), 'utf8'))) }));
}

function schemaNamed(name: string): z.ZodType {
  const schema = SCHEMAS.get(name);
  if (schema === undefined) throw new Error(`no root of the protocol is called ${name}`);
  return schema;
}

describe('golden messages', () => {
  it.each(readGolden('valid'))('accepts $name', ({ schema, message }) => {
    expect(schemaNamed(schema).safeParse(message).error).toBeUndefined();
  });

  it.each(readGolden('invalid'))('refuses $name and names $field', ({ schema, field, message }) => {
    const { error } = schemaNamed(schema).safeParse(message);
    expect(JSON.stringify(error?.issues)).toContain(String(field));
  });

  it('cover every root of the protocol', () => {
    expect(new Set(readGolden('valid').map(({ schema }) => schema))).toEqual(new Set(SCHEMAS.keys()));
  });
});

describe('schemas of the protocol', () => {
  it.each([...SCHEMAS])('%s says nothing that gets lost on the way to JSON Schema', (_name, schema) => {
    expect(findLosses(schema)).toEqual([]);
  });

  it('would notice a refinement, wherever it is', () => {
    const refined = z.strictObject({ prices: z.array(z.number().refine((price) => price > 0)) });
    expect(findLosses(z.union([z.string(), refined]))).toEqual(['custom']);
    expect(findLosses(z.string().transform(Number))).toEqual(['pipe', 'transform']);
  });
});

/** Refinements vanish silently on the way to JSON Schema, transforms cannot be told to Python. */
function findLosses(root: z.ZodType): readonly string[] {
  const losses: string[] = [];
  const seen = new Set<unknown>();
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null || seen.has(value)) return;
    seen.add(value);
    if (value instanceof z.ZodType) visitDefinition(value._zod.def as unknown as Readonly<Record<string, unknown>>);
    else for (const inner of Object.values(value)) visit(inner);
  };
  const visitDefinition = (definition: Readonly<Record<string, unknown>>): void => {
    if (['transform', 'pipe', 'custom', 'catch', 'date'].includes(String(definition['type']))) losses.push(String(definition['type']));
    for (const inner of Object.values(definition)) visit(typeof inner === 'function' ? undefined : inner);
  };
  visit(root);
  return losses;
}
