import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { runCli, startCli, type CliRun } from './run-cli.ts';

let dir: string;
let listener: Server;
let url: string;
let asked: string[];
let onAsked: (number: number) => void;
const CACHE = (): string => join(dir, 'data', 'swap_cost_cache.json');

/** Every quote loses 1 %; from the 9th on, answers may be held back. */
let isHeldBack: boolean;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'quantbot-swap-cost-test-'));
  await writeFile(join(dir, 'quantbot.yaml'), 'version: 1\n');
  asked = [];
  onAsked = () => undefined;
  isHeldBack = false;
  listener = createServer((request, response) => {
    asked.push(request.headers.authorization ?? '');
    onAsked(asked.length);
    const query = new URL(request.url ?? '/', 'http://localhost').searchParams;
    if (!isHeldBack || asked.length <= 8) response.end(JSON.stringify({ amount_out: Number(query.get('amount')) * 0.99, gas: 0.2 }));
  }).listen(0, '127.0.0.1');
  await once(listener, 'listening');
  url = `http://127.0.0.1:${String((listener.address() as AddressInfo).port)}/quote?sell={sell_token}&buy={buy_token}&amount={amount}`;
});
afterEach(async () => {
  listener.closeAllConnections();
  listener.close();
  await rm(dir, { recursive: true, force: true });
});

const args = (...more: string[]): string[] => [
  'data',
  'fetch-swap-costs',
  '--url',
  url,
  '--token',
  'PDAI=0x1',
  '--quote',
  'DAI=0x2',
  '--gas-path',
  'gas',
  '--end',
  '30000',
  '--batch-every',
  '0',
  ...more,
];
const fetchCosts = (...more: string[]): Promise<CliRun> => runCli(args(...more), { cwd: dir, env: { QUOTE_KEY: 'Bearer s3cret' } });

it('writes the cache into the workspace, and no key into anything', async () => {
  const run = await fetchCosts('--auth-env', 'QUOTE_KEY');
  expect(run).toMatchObject({ exitCode: 0 });
  expect(run.stdout).toContain('PDAI: 6 rungs, gas 0.2 a buy, 0.2 a sell (DAI)');
  expect(asked).toEqual(Array.from({ length: 12 }, () => 'Bearer s3cret'));
  const text = await readFile(CACHE(), 'utf8');
  expect(JSON.parse(text)).toMatchObject({
    version: 1,
    tokens: { PDAI: { rungs: { '5000': { loss_rate: 0.0199 }, '30000': { loss_rate: 0.0199 } } } },
  });
  expect(run.stdout + run.stderr + text).not.toContain('s3cret');
});

it('keeps the old cache on Ctrl-C and goes on from what it had', async () => {
  await mkdir(join(dir, 'data'));
  await writeFile(CACHE(), '{"5000": 0.5, "gas": 1}');
  isHeldBack = true;
  onAsked = (number) => {
    if (number === 9) running.kill('SIGINT');
  };
  // Four trips at a time: four purchases, then their four sales, then the rest.
  const running = startCli(args('--parallel', '4'), { cwd: dir });
  expect((await running.ended).exitCode).toBe(130);
  expect(await readFile(CACHE(), 'utf8')).toBe('{"5000": 0.5, "gas": 1}');
  isHeldBack = false;
  const before = asked.length;
  expect((await fetchCosts()).exitCode).toBe(0);
  expect(asked.length - before).toBe(2 * 2);
  expect(JSON.parse(await readFile(CACHE(), 'utf8'))).toMatchObject({
    default: { rungs: { '5000': { loss_rate: 0.5 } } },
    quote_currency: 'DAI',
  });
  expect((await readdir(join(dir, 'data'))).filter((name) => name.startsWith('swap_cost'))).toEqual(['swap_cost_cache.json']);
});

it('asks for the gas, which no default can know', async () => {
  const run = await runCli(
    args().filter((arg) => arg !== '--gas-path' && arg !== 'gas'),
    { cwd: dir },
  );
  expect(run).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('--gas-buy and --gas-sell') as string });
  expect(asked).toEqual([]);
});
