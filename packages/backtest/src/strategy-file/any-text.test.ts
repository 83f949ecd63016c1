/** Whatever somebody sends as a strategy: it is read, or refused with its reasons. Nothing else may happen. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '@quantbot/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BUILT_IN_SIGNALS, FUNCTIONS, INDICATORS } from './known-names.ts';
import { parseRuleStrategy } from './parse-rule-strategy.ts';

function readOrRefuse(text: string): boolean {
  try {
    parseRuleStrategy(text, 's.yaml');
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return error.code === 'INVALID_STRATEGY' && error.message !== '';
  }
  return true;
}

const WORDS = [
  ...[
    'name: s',
    'entry:',
    'exit:',
    'when:',
    'action: buy',
    '- ',
    '  ',
    '{',
    '}',
    '[',
    ']',
    ': ',
    ', ',
    '\n',
    '"',
    "'",
    '&a',
    '*a',
    '!!set',
    '? ',
    '|',
    '>',
  ],
  ...[
    '<<: *a',
    '__proto__',
    'parameters:',
    '${fast}',
    'rsi(14) < 30',
    'signal: rsi',
    'outputs:',
    'stop_loss: ',
    '.nan',
    '0x1',
    '~',
    'true',
    '#',
    '%',
    '\t',
  ],
];
const scrambled = fc.array(fc.constantFrom(...WORDS), { maxLength: 60 }).map((words) => words.join(''));

const leaf = fc.oneof(
  fc.string(),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
  fc.constantFrom('${a}', 'close > open', '> 0.5', 'rsi', 'limit'),
);
const keys = fc.constantFrom(
  ...[
    'name',
    'entry',
    'exit',
    'when',
    'action',
    'long',
    'short',
    'all',
    'any',
    'signal',
    'outputs',
    'parameters',
    'a',
    'default',
    'low',
    'high',
    'step',
  ],
  ...[
    'stop_loss',
    'take_profit',
    'type',
    'value',
    'order',
    'price',
    'ladder',
    'risk',
    'sizing',
    'costs',
    'rungs',
    'simulation',
    'signal_exit',
    'values',
  ],
);
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof({ maxDepth: 5 }, leaf, fc.array(tie('tree'), { maxLength: 4 }), fc.dictionary(keys, tie('tree'), { maxKeys: 6 })),
}));

describe('any text', () => {
  it('is read or refused, be it noise', () => {
    fc.assert(fc.property(fc.oneof(fc.string({ unit: 'binary', maxLength: 200 }), scrambled), readOrRefuse), { numRuns: 500 });
  });

  it('is read or refused, be it a tree of known keys with anything in it', () => {
    fc.assert(
      fc.property(fc.dictionary(keys, tree, { maxKeys: 8 }), (value) => readOrRefuse(JSON.stringify({ name: 's', ...value }))),
      { numRuns: 500 },
    );
  });
});

describe('names that rules may speak of', () => {
  it('are those of the reference page', async () => {
    const page = await readFile(join(import.meta.dirname, '../../../../docs/indicators.md'), 'utf8');
    const headings = [...page.matchAll(/^### (?:(signal) )?(\w+)$/gm)];
    const toNames = (isSignal: boolean): readonly string[] =>
      headings.filter(([, signal]) => (signal !== undefined) === isSignal).map(([, , name = '']) => name);
    expect([...INDICATORS].sort()).toEqual([...toNames(false)].sort());
    expect([...BUILT_IN_SIGNALS].sort()).toEqual([...toNames(true)].sort());
    const functions = [...page.matchAll(/^\| `(\w+)\(/gm)].map(([, name = '']) => name);
    expect([...FUNCTIONS].sort()).toEqual(functions.sort());
  });
});
