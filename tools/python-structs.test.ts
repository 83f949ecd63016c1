import { describe, expect, it } from 'vitest';
import { toPythonModule, type JsonSchema, type ProtocolConstants } from './python-structs.ts';

const CONSTANTS: ProtocolConstants = { protocolVersion: 1, sliceFormat: 1, exitCodes: {}, results: {} };

function generate(properties: Record<string, JsonSchema>, extra: JsonSchema = {}): string {
  const schema = {
    type: 'object',
    properties,
    required: Object.keys(properties),
    additionalProperties: false,
    description: 'An order.',
    ...extra,
  };
  return toPythonModule({ Order: schema }, CONSTANTS);
}

describe('the generator of Python structs', () => {
  it('keeps bounds, so that Python refuses what TypeScript refuses', () => {
    expect(generate({ price: { type: 'number', exclusiveMinimum: 0, maximum: 9 } })).toContain(
      '    price: Annotated[float, Meta(gt=0, le=9)]\n',
    );
  });

  it('tells a field that may be absent from one that may be null', () => {
    const text = generate({ a: { type: 'boolean' }, b: { type: ['string', 'null'] } }, { required: ['b'] });
    expect(text).toContain('    a: bool | UnsetType = UNSET\n');
    expect(text).toContain('    b: str | None\n');
  });

  it('makes the description the docstring', () => {
    expect(generate({ a: { type: 'boolean' } })).toContain('    """An order."""\n');
  });

  it.each<[string, Record<string, JsonSchema>]>([
    ['a pattern', { name: { type: 'string', pattern: '^a' } }],
    ['a multiple', { size: { type: 'number', multipleOf: 5 } }],
    ['an untagged union', { value: { anyOf: [{ $ref: '#/$defs/One' }, { $ref: '#/$defs/Other' }] } }],
    ['a tuple', { pair: { type: 'array', prefixItems: [{ type: 'string' }] } }],
    ['anything at all', { value: {} }],
  ])('refuses %s instead of dropping it', (_what, properties) => {
    expect(() => generate(properties)).toThrow();
  });

  it('refuses objects that let unknown keys pass, and objects without a description', () => {
    expect(() => generate({}, { additionalProperties: {} })).toThrow('strict');
    expect(() => generate({}, { description: undefined })).toThrow('description');
  });
});
