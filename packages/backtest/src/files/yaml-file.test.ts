/** Texts of strangers: whatever stands in them, reading takes time by their length, not by its square. */
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { MAX_PROBLEMS, parseYaml } from './yaml-file.ts';

const LENGTH = 128 * 1024;
/** Squares take minutes at this length. */
const LIMIT_MS = 10_000;

function read(text: string, schema: z.ZodType = z.unknown()): unknown {
  return parseYaml(text, { path: 's.yaml', schema, code: 'INVALID_STRATEGY' }).value;
}

function repeat(text: string): string {
  return text.repeat(LENGTH / text.length);
}

describe('a text of the largest size', () => {
  it.each([
    ['line breaks', repeat('\n')],
    ['blanks and line breaks', `a:${repeat(' \n')}`],
    ['tabs', repeat('\t')],
    ['comments', repeat('#\n')],
    ['keys', Array.from({ length: LENGTH / 10 }, (_, index) => `key${String(index)}:`).join('\n')],
  ])(
    'is read or refused in seconds, even if it is all %s',
    (_what, text) => {
      const startedMs = performance.now();
      try {
        read(text);
      } catch (error) {
        expect(error).toMatchObject({ code: 'INVALID_STRATEGY' });
      }
      expect(performance.now() - startedMs).toBeLessThan(LIMIT_MS);
    },
    2 * LIMIT_MS,
  );
});

describe('a text with mistakes', () => {
  it('is told of a key that stands twice, with the place of the second', () => {
    expect(() => read('a: 1\nb:\n  c: 1\n  c: 2\n')).toThrow('s.yaml:4:3: the key c stands twice');
  });

  it('is told of so many problems as a person reads, not of thousands', () => {
    const text = Array.from({ length: 5_000 }, (_, index) => `k${String(index)}: x`).join('\n');
    const attempt = (): unknown => read(text, z.record(z.string(), z.number()));
    expect(attempt).toThrow(
      expect.objectContaining({ details: { problems: expect.objectContaining({ length: MAX_PROBLEMS }) as unknown } }),
    );
  });
});
