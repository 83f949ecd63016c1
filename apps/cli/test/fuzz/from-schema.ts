/** Values that fit a JSON Schema, as fast-check arbitraries: the contracts of the server are the only description that the fuzz needs. */
import fc from 'fast-check';
import { z } from 'zod';

interface JsonSchema {
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, JsonSchema>>;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | JsonSchema;
  readonly items?: boolean | JsonSchema;
  readonly prefixItems?: readonly JsonSchema[];
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
}

/** Field name → values that mean something to the server; most of the time one of them is taken. */
export type Vocabulary = Readonly<Record<string, readonly unknown[]>>;

const MAX_DEPTH = 5;
const MAX_ITEMS = 4;
const MAX_TEXT = 60;
const LARGE = 1e9;

export function fromContract(schema: z.ZodType, vocabulary: Vocabulary): fc.Arbitrary<unknown> {
  const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
  return new FromSchema(json.$defs ?? {}, vocabulary).toArbitrary(json, MAX_DEPTH);
}

class FromSchema {
  readonly #definitions: Readonly<Record<string, JsonSchema>>;
  readonly #vocabulary: Vocabulary;

  constructor(definitions: Readonly<Record<string, JsonSchema>>, vocabulary: Vocabulary) {
    this.#definitions = definitions;
    this.#vocabulary = vocabulary;
  }

  toArbitrary(schema: JsonSchema, depth: number): fc.Arbitrary<unknown> {
    if (schema.$ref !== undefined) return this.toArbitrary(this.#definitions[schema.$ref.replace('#/$defs/', '')] ?? {}, depth);
    if (schema.const !== undefined) return fc.constant(schema.const);
    if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
    const choices = schema.anyOf ?? schema.oneOf ?? schema.allOf;
    if (choices !== undefined) return this.#oneOf(choices, depth);
    const types = typeof schema.type === 'string' ? [schema.type] : (schema.type ?? []);
    if (types.length === 0 || depth <= 0) return fc.jsonValue({ maxDepth: 1 });
    return fc.oneof(...types.map((type) => this.#ofType(type, schema, depth)));
  }

  #oneOf(choices: readonly JsonSchema[], depth: number): fc.Arbitrary<unknown> {
    return fc.oneof(...choices.map((choice) => this.toArbitrary(choice, depth - 1)));
  }

  #ofType(type: string, schema: JsonSchema, depth: number): fc.Arbitrary<unknown> {
    switch (type) {
      case 'string':
        return toText(schema);
      case 'integer':
        return toInteger(schema);
      case 'number':
        return toNumber(schema);
      case 'boolean':
        return fc.boolean();
      case 'null':
        return fc.constant(null);
      case 'array':
        return this.#array(schema, depth);
      case 'object':
        return this.#object(schema, depth);
      default:
        throw new Error(`expected a type of JSON Schema, found ${type}`);
    }
  }

  #array({ prefixItems, items, minItems = 0, maxItems = MAX_ITEMS }: JsonSchema, depth: number): fc.Arbitrary<unknown> {
    if (prefixItems !== undefined) return fc.tuple(...prefixItems.map((item) => this.toArbitrary(item, depth - 1)));
    const item = typeof items === 'object' ? this.toArbitrary(items, depth - 1) : fc.jsonValue({ maxDepth: 1 });
    return fc.array(item, { minLength: minItems, maxLength: Math.max(minItems, Math.min(maxItems, MAX_ITEMS)) });
  }

  #object({ properties, required = [], additionalProperties }: JsonSchema, depth: number): fc.Arbitrary<unknown> {
    if (properties === undefined) {
      const value =
        typeof additionalProperties === 'object' ? this.toArbitrary(additionalProperties, depth - 1) : fc.jsonValue({ maxDepth: 1 });
      return fc.dictionary(this.#keys(), value, { maxKeys: MAX_ITEMS });
    }
    const fields = Object.fromEntries(Object.entries(properties).map(([name, field]) => [name, this.#field(name, field, depth - 1)]));
    return fc.record(fields, { requiredKeys: [...required] });
  }

  /** Names of parameters that some strategy has, now and then. */
  #keys(): fc.Arbitrary<string> {
    return this.#prefer('parameter', fc.string({ minLength: 1, maxLength: 20 })) as fc.Arbitrary<string>;
  }

  #field(name: string, schema: JsonSchema, depth: number): fc.Arbitrary<unknown> {
    return this.#prefer(name, this.toArbitrary(schema, depth));
  }

  #prefer(name: string, other: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
    const known = this.#vocabulary[name];
    return known === undefined ? other : fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...known) }, { weight: 1, arbitrary: other });
  }
}

function toText({ pattern, minLength = 0, maxLength = MAX_TEXT }: JsonSchema): fc.Arbitrary<string> {
  const bounds = { minLength, maxLength: Math.max(minLength, Math.min(maxLength, MAX_TEXT)) };
  const free = fc.string({ ...bounds, unit: 'grapheme' });
  if (pattern === undefined) return free;
  try {
    return fc.stringMatching(new RegExp(pattern, 'u'));
  } catch {
    // Unicode classes, which fast-check cannot turn round.
    return fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,12}$/);
  }
}

function toInteger({ minimum = -LARGE, maximum = LARGE }: JsonSchema): fc.Arbitrary<number> {
  return fc.oneof(fc.integer({ min: Math.max(minimum, -LARGE), max: Math.min(maximum, LARGE) }), fc.constantFrom(minimum, maximum));
}

function toNumber({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: JsonSchema): fc.Arbitrary<number> {
  return fc.double({
    min: exclusiveMinimum ?? minimum ?? -LARGE,
    max: exclusiveMaximum ?? maximum ?? LARGE,
    minExcluded: exclusiveMinimum !== undefined,
    maxExcluded: exclusiveMaximum !== undefined,
    noNaN: true,
    noDefaultInfinity: true,
  });
}
