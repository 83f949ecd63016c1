/** `quantbot data fetch-swap-costs`: measures what swaps cost through a quote service and writes the swap-cost cache. */
import { join, resolve } from 'node:path';
import { fetchSwapCosts, SWAP_COST_FILE, type SwapToken } from '@quantbot/backtest';
import { AppError } from '@quantbot/core';
import type { Command } from 'commander';
import type { CliContext, CommonFlags } from '../context.ts';
import { formatCount } from '../terminal/format.ts';
import { parseNumber, parseWholeNumber } from '../terminal/parse-flags.ts';
import { findWorkspace } from '../workspace/workspace.ts';
import { createCommand } from './command.ts';
import { readAuthorization } from './data-fetch-flags.ts';
import { withFetchRoom } from './data-fetch.ts';

interface SwapCostFlags extends CommonFlags {
  readonly url: string;
  readonly token: readonly string[];
  readonly quote: string;
  readonly tokenDecimals: string;
  readonly quoteDecimals: string;
  readonly start?: string;
  readonly step: string;
  readonly end: string;
  readonly amountOutPath: string;
  readonly gasPath?: string;
  readonly gasScale: string;
  readonly gasBuy?: string;
  readonly gasSell?: string;
  readonly parallel: string;
  readonly batchEvery: string;
  readonly attempts: string;
  readonly timeout: string;
  readonly authEnv?: string;
  readonly out?: string;
  readonly fresh?: boolean;
}

const EXAMPLES = [
  "quantbot data fetch-swap-costs --url 'https://quotes.example/quote?sell={sell_token}&buy={buy_token}&amount={amount}' --token PDAI=0x6b17 --quote DAI=0xefd7 --quote-decimals 18 --amount-out-path data.outAmount --gas-path data.gasUsd",
  "quantbot data fetch-swap-costs --url 'http://localhost:9000/quote?sell={sell_token}&buy={buy_token}&amount={amount}' --token PEPE --quote USDC --step 1000 --end 20000 --gas-buy 0.4 --gas-sell 0.5",
];

export function createDataFetchSwapCostsCommand(context: CliContext): Command {
  return createCommand(
    'fetch-swap-costs',
    `Measure what swaps cost, by size, through any quote service, and write data/${SWAP_COST_FILE}`,
    EXAMPLES,
  )
    .requiredOption('--url <template>', 'address of one quote, with {sell_token}, {buy_token} and {amount}')
    .requiredOption('--token <name=address...>', 'tokens to measure; NAME alone is sent as it is')
    .requiredOption('--quote <name=address>', 'the currency that trades are counted in')
    .option('--token-decimals <count>', 'decimals of the tokens, when amounts go in base units', '0')
    .option('--quote-decimals <count>', 'decimals of the quote currency, when amounts go in base units', '0')
    .option('--start <notional>', 'first rung; default: one step')
    .option('--step <notional>', 'from rung to rung', '5000')
    .option('--end <notional>', 'last rung', '50000')
    .option('--amount-out-path <path>', 'where the amount that one gets stands in an answer', 'amount_out')
    .option('--gas-path <path>', 'where the gas stands; without it --gas-buy and --gas-sell say it')
    .option('--gas-scale <factor>', 'turns the gas of an answer into the quote currency', '1')
    .option('--gas-buy <amount>', 'gas of a buy, in the quote currency')
    .option('--gas-sell <amount>', 'gas of a sell, in the quote currency')
    .option('--parallel <requests>', 'requests in one batch, all at once', '8')
    .option('--batch-every <seconds>', 'from the beginning of one batch to that of the next', '60')
    .option('--attempts <count>', 'how often one request is tried', '5')
    .option('--timeout <seconds>', 'for one request', '20')
    .option('--auth-env <name>', 'the environment variable with the value of the Authorization header')
    .option('--out <file>', `default: data/${SWAP_COST_FILE} of the workspace`)
    .option('--fresh', 'measure everything again, also what an interrupted fetch has left')
    .action(async (flags: SwapCostFlags) => {
      await runFetch(context, flags);
    });
}

async function runFetch(context: CliContext, flags: SwapCostFlags): Promise<void> {
  const workspace = await findWorkspace(flags.workspace, context.cwd);
  const path = flags.out === undefined ? join(workspace.dataDir, SWAP_COST_FILE) : resolve(context.cwd, flags.out);
  const request = { ...toRequest(flags), ...readAuthorization(context.env, flags.authEnv), path, nowMs: context.nowMs };
  const file = await withFetchRoom(context, flags, ({ signal, progress }) => {
    progress.stage(`Asking for quotes: ${flags.parallel} at once, a batch every ${flags.batchEvery} s. Ctrl-C keeps what is measured`);
    return fetchSwapCosts({
      ...request,
      signal,
      onProgress: ({ done, total }) => {
        progress.report(total === 0 ? 1 : done / total, `${formatCount(done)} of ${formatCount(total)} rungs`);
      },
    });
  });
  const lines = request.tokens.map(({ name }) => {
    const costs = file.tokens[name];
    const rungs = Object.keys(costs?.rungs ?? {}).length;
    return `${name}: ${formatCount(rungs)} rungs, gas ${String(costs?.gas_buy)} a buy, ${String(costs?.gas_sell)} a sell (${file.quote_currency})`;
  });
  context.stdout.write(`${[...lines, `Written to ${path}`].join('\n')}\n`);
}

function toRequest(flags: SwapCostFlags) {
  const [gasBuy, gasSell] = [parseGas('--gas-buy', flags.gasBuy), parseGas('--gas-sell', flags.gasSell)];
  if (flags.gasPath === undefined && (gasBuy === undefined || gasSell === undefined))
    throw new AppError(
      'USAGE',
      'gas is a part of the costs: say where answers have it with --gas-path, or what it is with --gas-buy and --gas-sell (0 where there is none)',
    );
  const stepNotional = parseNumber('--step', flags.step);
  return {
    url: flags.url,
    tokens: flags.token.map((text) => parseToken('--token', text, parseWholeNumber('--token-decimals', flags.tokenDecimals, 0))),
    quote: parseToken('--quote', flags.quote, parseWholeNumber('--quote-decimals', flags.quoteDecimals, 0)),
    startNotional: flags.start === undefined ? stepNotional : parseNumber('--start', flags.start),
    stepNotional,
    endNotional: parseNumber('--end', flags.end),
    fields: {
      amountOutPath: flags.amountOutPath,
      gasScale: parseNumber('--gas-scale', flags.gasScale),
      ...(flags.gasPath !== undefined && { gasPath: flags.gasPath }),
    },
    ...(gasBuy !== undefined && { gasBuy }),
    ...(gasSell !== undefined && { gasSell }),
    parallel: parseWholeNumber('--parallel', flags.parallel, 1),
    batchEveryMs: parseSeconds('--batch-every', flags.batchEvery),
    attempts: parseWholeNumber('--attempts', flags.attempts, 1),
    timeoutMs: Math.max(1, parseSeconds('--timeout', flags.timeout)),
    isFresh: flags.fresh === true,
  };
}

function parseGas(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const gas = parseNumber(flag, text);
  if (gas < 0) throw new AppError('USAGE', `${flag}: expected 0 or more, found "${text}"`);
  return gas;
}

function parseSeconds(flag: string, text: string): number {
  const seconds = parseNumber(flag, text);
  if (seconds < 0 || seconds > 86_400) throw new AppError('USAGE', `${flag}: expected seconds from 0 to 86400, found "${text}"`);
  return Math.round(seconds * 1000);
}

/** `PDAI=0x6b17`, or `PDAI` for a service that knows tokens by name. */
function parseToken(flag: string, text: string, decimals: number): SwapToken {
  const at = text.indexOf('=');
  const [name, address] = at === -1 ? [text.trim(), text.trim()] : [text.slice(0, at).trim(), text.slice(at + 1).trim()];
  if (name === '' || address === '') throw new AppError('USAGE', `${flag}: expected NAME=ADDRESS, found "${text}"`);
  return { name, address, decimals };
}
