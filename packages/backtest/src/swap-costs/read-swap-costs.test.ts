import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CostsSchema } from '@quantbot/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { failureOf } from '../sources/testing/fetch-failure.ts';
import { readSwapCosts } from './read-swap-costs.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quantbot-swap-costs-'));
  path = join(folder, 'swap_cost_cache.json');
});
afterEach(() => rm(folder, { recursive: true }));

async function read(document: unknown, token?: string | readonly string[]) {
  await writeFile(path, typeof document === 'string' ? document : JSON.stringify(document, null, 2));
  return readSwapCosts(path, token);
}

const PDAI = { rungs: { '10000': { loss_rate: 0.02 }, '5000': { loss_rate: 0.012 } }, gas_buy: 0.4, gas_sell: 0.5 };
const EXPECTED = {
  type: 'swap',
  rungs: [
    { notional: 5000, loss_rate: 0.012 },
    { notional: 10000, loss_rate: 0.02 },
  ],
  gas_buy: 0.4,
  gas_sell: 0.5,
};

describe('the swap-cost cache', () => {
  it('becomes the costs of a simulation, rungs rising', async () => {
    const file = {
      version: 1,
      quote_currency: 'DAI',
      tokens: { PDAI: { ...PDAI, fetched_at: '2026-01-02T03:04:05Z', source: 'https://quotes.example' } },
    };
    const costs = await read(file, 'PDAI');
    expect(costs).toEqual(EXPECTED);
    expect(CostsSchema.parse(costs)).toEqual(EXPECTED);
  });

  it.each([
    ['rungs at the top, with bare loss rates', { '5000': 0.012, '10000': 0.02, gas_buy: 0.4, gas_sell: 0.5 }],
    ['rungs of their own, with bare loss rates', { rungs: { '5000': 0.012, '10000': 0.02 }, gas: { buy: 0.4, sell: 0.5 } }],
    [
      'a list of rungs',
      {
        rungs: [
          { notional: 10000, loss_rate: 0.02 },
          { notional: 5000, loss_rate: 0.012 },
        ],
        gas_buy: 0.4,
        gas_sell: 0.5,
      },
    ],
    ['tokens without a version', { PDAI: { '5000': 0.012, '10000': { loss_rate: 0.02 }, gas_buy: 0.4, gas_sell: 0.5 } }],
    ['a default entry', { version: 1, quote_currency: 'DAI', default: PDAI }],
  ])('may have %s', async (_what, document) => {
    expect(await read(document, 'PDAI')).toEqual(EXPECTED);
  });

  it('asks for the name when there are several tokens, and knows names in any case', async () => {
    const file = { version: 1, quote_currency: 'DAI', tokens: { PDAI: PDAI, HEX: { ...PDAI, gas_buy: 9 } } };
    expect((await read(file, 'hex')).gas_buy).toBe(9);
    expect((await failureOf(read(file))).message).toContain('name one of the tokens, or add an entry "default"; the file has PDAI, HEX');
    expect(await failureOf(read(file, 'PEPE'))).toMatchObject({
      code: 'INVALID_REQUEST',
      message: expect.stringContaining('PEPE') as string,
    });
  });

  it('takes the first name that it knows, and the only token where no name is sure', async () => {
    const file = { version: 1, quote_currency: 'DAI', tokens: { PDAI: PDAI, HEX: { ...PDAI, gas_buy: 9 } } };
    expect((await read(file, ['HEX-DAI', 'HEX'])).gas_buy).toBe(9);
    expect((await failureOf(read(file, ['PEPE-DAI', 'PEPE']))).message).toContain('no swap costs of PEPE-DAI');
    expect(await read({ ...file, tokens: { PDAI } }, ['PEPE-DAI', 'PEPE'])).toEqual(EXPECTED);
    expect((await read({ ...file, default: { ...PDAI, gas_buy: 7 } }, ['PEPE'])).gas_buy).toBe(7);
  });

  it.each([
    ['a rate in per cent', '{\n  "5000": 1.2,\n  "gas_buy": 0, "gas_sell": 0\n}', /:2:11: 5000\.loss_rate: .*1\.2 % is 0\.012/],
    ['missing gas', '{\n  "rungs": {"5000": 0.01},\n  "gas_buy": 0\n}', /:1:1: gas_sell: expected gas as an amount/],
    [
      'a rung that is no number',
      '{\n  "rungs": {\n    "much": 0.01\n  }, "gas": 0\n}',
      /:3:\d+: rungs\.much: a rung is named by its notional/,
    ],
    ['no rung', '{"rungs": {}, "gas": 0}', /rungs: expected at least one rung/],
    [
      'a misspelt field',
      '{"version": 1, "quote_currency": "DAI",\n "tokens": {"PDAI": {"rungs": {"5000": 0.01}, "gas_buy": 0, "gas_sel": 0}}}',
      /:2:\d+: tokens\.PDAI\.gas_sel/,
    ],
    ['another version', '{"version": 2, "quote_currency": "DAI"}', /:1:13: version: expected version 1/],
    ['a rung that stands twice', '{"5000": 0.01,\n "5000": 0.02, "gas": 0}', /:2:\d+: /],
    ['half a file', '{"5000": 0.01,', /swap_cost_cache\.json:1:/],
  ])('with %s is refused with the place', async (_what, text, message) => {
    expect(await failureOf(read(text))).toMatchObject({ code: 'UNREADABLE_FILE', message: expect.stringMatching(message) as string });
  });

  it('that is missing names the command that fetches it', async () => {
    const failure = await failureOf(readSwapCosts(path, 'PDAI'));
    expect(failure).toMatchObject({
      code: 'FILE_NOT_FOUND',
      exitCode: 4,
      message: expect.stringContaining('quantbot data fetch-swap-costs --url') as string,
    });
  });

  it('that is missing is fetched first when there is a way to', async () => {
    const costs = await readSwapCosts(path, 'PDAI', () => writeFile(path, JSON.stringify({ PDAI })));
    expect(costs).toEqual(EXPECTED);
  });
});
