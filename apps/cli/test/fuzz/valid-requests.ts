/** Requests that keep to the contracts, most of them about things that exist. */
import type { RouteContract } from '@quantbot/core';
import fc from 'fast-check';
import { CROSSOVER } from '../server-room.ts';
import type { FuzzRequest } from './fuzz-request.ts';
import { fromContract, type Vocabulary } from './from-schema.ts';
import { toForm } from './upload-form.ts';

const toPlaceholders = (pool: string, count = 12): string[] => Array.from({ length: count }, (_, index) => `$${pool}${index}`);

const STUDY_FILE = 'strategy: {name: ma_crossover_strategy}\ndata: {symbols: [EURUSD], timeframe: 1h}\nparameters: {fast: [3, 5]}\n';
const BASELINE_FILE = 'strategy: {name: v1_baseline}\nparameters: {tp_mult: {start: 1.5, end: 3, step: 0.5}}\nsampler: grid\n';
const BROKEN_FILES = ['name: [', 'strategy: 3', '*a', '&a [*a, *a]', '\t', '!!python/object:os.system {}', `${'{a: '.repeat(500)}1`];

/** What the server knows: with invented values alone, hardly a request would come past its first check. */
const VOCABULARY: Vocabulary = {
  strategy_name: ['ma_crossover_strategy'],
  strategy: ['ma_crossover_strategy', 'v1_baseline'],
  symbol: ['EURUSD'],
  symbols: [['EURUSD']],
  instrument: ['EURUSD'],
  timeframe: ['1h', '2h', '1d'],
  interval: ['1h', '5m'],
  parameter: ['fast', 'slow'],
  params: [{}, { fast: 3 }, { fast: 7, slow: 25 }],
  optimize_params: [{ fast: [3, 5] }, { fast: { low: 3, high: 9, step: 2 }, slow: [20, 30] }],
  objective: ['sharpe_ratio', 'final_balance', 'total_pnl', 'win_rate'],
  objectives: [['sharpe_ratio'], ['final_balance', 'mar']],
  start_date: ['2024-01-15', '2024-02-01T00:00:00Z'],
  end_date: ['2024-02-20', '2024-02-28T23:59:59Z'],
  from: ['2024-01-15', '2024-02-01'],
  to: ['2024-02-20', '2024-03-01'],
  date_range: [['2024-01-10', '2024-02-10']],
  window_size_months: [0.5, 1],
  test_size_months: [0.25, 0.5],
  trials: [1, 5],
  simulation: [{}, { stop_loss: 0.02 }],
  source: [CROSSOVER, CROSSOVER.replace('sma', 'ema'), ...BROKEN_FILES],
  config_yaml: [STUDY_FILE, BASELINE_FILE, ...BROKEN_FILES],
  config_path: ['study.yaml', 'nothing.yaml', '../../etc/passwd', '/etc/passwd', 'study.yaml/', '.', ''],
  config: [
    { strategy: { name: 'v1_baseline' }, parameters: { tp_mult: [2, 3] }, sampler: 'grid' },
    { strategy: { name: 'ma_crossover_strategy' }, data: { symbols: ['EURUSD'], timeframe: '1h' }, parameters: { fast: [3, 5] } },
  ],
  states: ['complete', 'queued,running', 'failed'],
  kinds: ['backtest', 'study,walk_forward'],
  where: ['param:fast<=5', 'metric:trades@all>1', 'state=complete;number>=1'],
  sort: ['number', 'created_at', 'pnl', 'param:fast', 'objective:sharpe_ratio@all', 'metric:total_return@all'],
  limit: ['1', '10', '1000'],
  offset: ['0', '1', '99999999'],
  px: ['4', '500'],
  number: ['0', '1', '3'],
  run: toPlaceholders('run'),
  file: toPlaceholders('file'),
  name: ['ma_crossover_strategy', 'copy', 'nothing'],
};

export function validRequest(contract: RouteContract): fc.Arbitrary<FuzzRequest> {
  const pool = contract.path.startsWith('/api/studies') ? 'study' : 'job';
  const vocabulary = { ...VOCABULARY, id: toPlaceholders(pool) };
  const { params, query, body } = contract;
  return fc
    .record({
      params: params === undefined ? fc.constant({}) : fromContract(params, vocabulary),
      query: query === undefined ? fc.constant({}) : fromContract(query, vocabulary),
      json: body === undefined ? fc.constant(undefined) : fromContract(body, vocabulary),
      upload: contract.upload === true ? toForm() : fc.constant(undefined),
    })
    .map(({ params: names, query: asked, json, upload }) => ({
      route: contract.id,
      method: contract.method,
      path: contract.path,
      params: toTexts(names),
      query: Object.entries(toTexts(asked)),
      rawQuery: '',
      headers: upload === undefined ? {} : { 'content-type': upload.contentType },
      json: hasOneOf(json),
      raw: upload?.body,
    }));
}

function toTexts(record: unknown): Record<string, string> {
  return Object.fromEntries(Object.entries(record as Record<string, unknown>).map(([name, value]) => [name, String(value)]));
}

const EXCLUSIVE = [
  ['symbol', 'symbols'],
  ['date_range', 'start_date'],
  ['date_range', 'end_date'],
  ['config', 'config_yaml'],
  ['config', 'config_path'],
  ['config_yaml', 'config_path'],
] as const;

/** Of fields that exclude each other, which a JSON Schema does not say, the first is kept. */
function hasOneOf(json: unknown): unknown {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return json;
  const kept = new Map(Object.entries(json));
  for (const [first, second] of EXCLUSIVE) if (kept.has(first)) kept.delete(second);
  if (kept.has('strategy_name') && !kept.has('symbol') && !kept.has('symbols')) kept.set('symbol', 'EURUSD');
  return Object.fromEntries(kept);
}
