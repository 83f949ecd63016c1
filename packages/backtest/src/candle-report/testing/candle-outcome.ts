/**
 * Builds outcomes of candle backtests for the report's tests: trades, fills, equity and figures agree with each other and with the candles,
 * but were not simulated. Deterministic: the same options give the same outcome.
 */
import type { BacktestResult, CandleColumns } from '@quantbot/core';
import type { CandleBacktestOutcome, CandleBacktestRequest, ChartCandles } from '../../candle-backtest/outcome.ts';
import {
  createRandom,
  emptyColumns,
  FIRST_OPEN_S,
  HOUR_S,
  markEquity,
  toTradeColumns,
  tradeThrough,
  walkCandles,
} from './invented-market.ts';

export interface CandleOutcomeOptions {
  readonly symbols?: readonly string[];
  readonly candles?: number;
  readonly trades?: number;
  readonly onlyLosses?: boolean;
  readonly notes?: readonly string[];
  readonly strategy?: string;
  readonly missingCandles?: number;
  readonly usuallyClosed?: number;
  /** Longest series that a chart is given. */
  readonly chartCandles?: number;
}

const DEFAULTS: Required<CandleOutcomeOptions> = {
  symbols: ['EURUSD'],
  candles: 9000,
  trades: 60,
  onlyLosses: false,
  notes: [],
  strategy: 'donchian_regime',
  missingCandles: 0,
  usuallyClosed: 0,
  chartCandles: 5000,
};
const CAPITAL = 10_000;

export function buildCandleOutcome(options: CandleOutcomeOptions = {}): CandleBacktestOutcome {
  const chosen = { ...DEFAULTS, ...options };
  const { symbols, candles } = chosen;
  const random = createRandom(candles * 31 + chosen.trades);
  const markets = symbols.map((_, index) => walkCandles(candles, index === 0 ? 1.08 : 40_000 / index, random));
  const result = toResult(chosen, markets, random);
  const lastOpenS = FIRST_OPEN_S + (candles - 1) * HOUR_S;
  return {
    request: toRequest(chosen),
    slice: { path: '/data/slices/5f2c', id: '5f2c7a1e9b40d3c86a71f0e2d4b8c6950a3f1e7d2c9b8a645f0e1d2c3b4a5968' },
    series: symbols.map((symbol) => ({
      symbol,
      storedIntervalS: 60,
      contentHash: 'c0ffee12'.repeat(8),
      candles,
      firstTimestamp: FIRST_OPEN_S,
      lastTimestamp: lastOpenS,
      missingCandles: chosen.missingCandles,
      usuallyClosed: chosen.usuallyClosed,
    })),
    charts: markets.map((market, index) => toChart(symbols[index] ?? '', market, chosen.chartCandles)),
    result,
    engineVersion: '0.1.0',
    engineSourceHash: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    loadMs: 41,
    computeMs: 12,
  };
}

function toRequest({ symbols, strategy }: Required<CandleOutcomeOptions>): CandleBacktestRequest {
  return {
    strategy: {
      name: strategy,
      kind: 'python',
      path: '/srv/workspace/strategies/donchian_regime.py',
      sourceHash: 'ab12cd34'.repeat(8),
      description: 'Breakouts of a channel, in the direction of the regime.',
      reference: { name: strategy, config: {}, files: [] },
      parameters: {},
      linkedParameters: [],
      unusedParameters: [],
      space: [],
      explain: (error) => error,
    },
    symbols,
    intervalS: HOUR_S,
    fromMs: FIRST_OPEN_S * 1000,
    toMs: undefined,
    params: { entry: 55 },
    defaults: {},
    overrides: { stop_loss: 0.05 },
    periods: ['30d', 'all'],
    objectives: [],
    warmUpCandles: 200,
  };
}

const RULES: BacktestResult['rules'] = {
  initial_capital: CAPITAL,
  entry_fill: 'next_open',
  intrabar: 'stop_first',
  gap_fill: 'worse',
  inside_entry_exits: 'stop',
  final_close: 'close',
  directions: 'both',
  stop_loss: 0.05,
  take_profit: null,
  trailing_stop: null,
  trailing_activation: 0,
  break_even_trigger: null,
  break_even_offset: 0,
  max_hold_candles: null,
  max_hold_s: 172_800,
  ladder: [{ profit: 0.05, share: 0.5 }],
  scale_in: false,
  max_positions: 1,
  partial_close_pct: 1,
  sizing: 'equity_fraction',
  size: 0.5,
  lot_size: 0,
  min_order_value: 0,
  max_position_size: null,
  costs: { type: 'basis_points', fee_bps: 10, fixed_fee: 0, slippage_bps: 5 },
  max_drawdown: null,
  daily_loss_limit: null,
  order_valid_candles: 1,
};

function toResult(options: Required<CandleOutcomeOptions>, markets: readonly CandleColumns[], random: () => number): BacktestResult {
  const { symbols, candles, strategy, notes, onlyLosses } = options;
  const trades = tradeThrough({ markets, trades: options.trades, capital: CAPITAL, onlyLosses, random });
  const equity = markEquity(markets, trades, CAPITAL);
  const counts = symbols.map((_, index) => trades.filter(({ symbol }) => symbol === index));
  return {
    strategy,
    parameters: { entry: 55, stop: 0.05, side: 'both' },
    rules: RULES,
    symbols: symbols.map((symbol, index) => ({
      symbol,
      interval_s: HOUR_S,
      candles,
      first_ts_ms: FIRST_OPEN_S * 1000,
      last_ts_ms: (FIRST_OPEN_S + (candles - 1) * HOUR_S) * 1000,
      warm_up_candles: 55,
      entry_signals: (counts[index]?.length ?? 0) + 3,
      exit_signals: counts[index]?.length ?? 0,
      conflicts: 0,
      trades: counts[index]?.length ?? 0,
      pnl: counts[index]?.reduce((sum, { pnl }) => sum + pnl, 0) ?? 0,
    })),
    figures: toFigures(equity, trades, toHeldReturn(markets[0])),
    ...toTradeColumns(trades),
    shortfall_counts: trades.length === 0 ? {} : { insufficient_cash: 2, position_open: 1 },
    shortfalls: toShortfalls(trades.length),
    curve: toCurve(equity, markets[0]),
    monthly_returns: toMonthlyReturns(equity),
    ambiguous_fills: Math.floor(trades.length / 20),
    above_top_rung: 0,
    notes: [...notes],
  };
}

function toShortfalls(trades: number): BacktestResult['shortfalls'] {
  if (trades === 0) return { ts_ms: [], symbol: [], direction: [], reason: [], asked: [], given: [] };
  const ts_ms = [100, 200, 300].map((row) => (FIRST_OPEN_S + row * HOUR_S) * 1000);
  const reason = ['insufficient_cash', 'position_open', 'insufficient_cash'];
  return { ts_ms, symbol: [0, 0, 0], direction: [1, -1, 1], reason, asked: [5000, 5000, 4000], given: [3100, 0, 0] };
}

function toCurve(equity: readonly number[], market: CandleColumns | undefined): BacktestResult['curve'] {
  let peak = -Infinity;
  const first = market?.open[0] ?? 1;
  return {
    ts_ms: equity.map((_, row) => (FIRST_OPEN_S + row * HOUR_S) * 1000),
    equity: [...equity],
    drawdown: equity.map((value) => {
      peak = Math.max(peak, value);
      return value / peak - 1;
    }),
    exposure: equity.map((value, row) => (row > 0 && value !== equity[row - 1] ? 0.5 : 0)),
    benchmark: equity.map((_, row) => (row === 0 ? CAPITAL : (CAPITAL * (market?.close[row - 1] ?? first)) / first)),
    is_reduced: false,
  };
}

function toMonthlyReturns(equity: readonly number[]): BacktestResult['monthly_returns'] {
  const ends = new Map<string, number>();
  equity.forEach((value, row) => ends.set(new Date((FIRST_OPEN_S + row * HOUR_S - 1) * 1000).toISOString().slice(0, 7), value));
  let before = CAPITAL;
  return [...ends].map(([month, end]) => {
    const net_return = end / before - 1;
    before = end;
    return { month, net_return };
  });
}

function toHeldReturn(market: CandleColumns | undefined): number {
  return (market?.close.at(-1) ?? 1) / (market?.open[0] ?? 1) - 1;
}

function toFigures(equity: readonly number[], trades: readonly { readonly pnl: number }[], held: number): BacktestResult['figures'] {
  const end = equity.at(-1) ?? CAPITAL;
  const growth = { final_balance: end, total_return: end / CAPITAL - 1, max_drawdown: findDeepest(equity), benchmark_return: held };
  const { metrics, reasons } = trades.length === 0 ? withoutTrades() : measureTrades(trades, end / CAPITAL - 1);
  return [
    {
      period: '30d',
      metrics: { ...growth, ...metrics, cagr: null },
      objectives: {},
      null_reasons: { ...reasons, cagr: 'period_too_short' },
    },
    { period: 'all', metrics: { ...growth, ...metrics }, objectives: {}, null_reasons: reasons },
  ];
}

interface TradeFigures {
  readonly metrics: Record<string, number | null>;
  readonly reasons: Record<string, string>;
}

function withoutTrades(): TradeFigures {
  const undefinedFigures = ['win_rate', 'profit_factor', 'average_win', 'fee_share'];
  return {
    metrics: {
      ...{ cagr: 0, sharpe_ratio: null, sharpe_standard_error: null, trades: 0, exposure: 0, turnover: 0, longest_drawdown_days: 0 },
      ...Object.fromEntries(undefinedFigures.map((name) => [name, null])),
    },
    reasons: {
      ...{ sharpe_ratio: 'zero_variance', sharpe_standard_error: 'zero_variance' },
      ...Object.fromEntries(undefinedFigures.map((name) => [name, 'no_trades'])),
    },
  };
}

function measureTrades(trades: readonly { readonly pnl: number }[], cagr: number): TradeFigures {
  const wins = trades.filter(({ pnl }) => pnl > 0);
  const sum = (rows: readonly { readonly pnl: number }[]): number => rows.reduce((total, { pnl }) => total + pnl, 0);
  const lost = -sum(trades.filter(({ pnl }) => pnl <= 0));
  const [hasWins, hasLosses] = [wins.length > 0, lost > 0];
  return {
    metrics: {
      ...{ cagr, sharpe_ratio: 0.84, sharpe_standard_error: 0.71, trades: trades.length, exposure: 0.41, turnover: 12.5 },
      win_rate: wins.length / trades.length,
      longest_drawdown_days: 93.5,
      profit_factor: hasLosses ? sum(wins) / lost : null,
      average_win: hasWins ? sum(wins) / wins.length : null,
      fee_share: hasWins ? 0.12 : null,
    },
    reasons: {
      ...(hasLosses ? {} : { profit_factor: 'no_losses' }),
      ...(hasWins ? {} : { average_win: 'no_wins', fee_share: 'no_profit' }),
    },
  };
}

function findDeepest(equity: readonly number[]): number {
  let [peak, deepest] = [-Infinity, 0];
  for (const value of equity) {
    peak = Math.max(peak, value);
    deepest = Math.max(deepest, 1 - value / peak);
  }
  return deepest;
}

/** Joins neighbouring candles until there are few enough. */
function toChart(symbol: string, market: CandleColumns, most: number): ChartCandles {
  const count = market.timestamp.length;
  const join = Math.ceil(count / most);
  const coarse = emptyColumns(Math.ceil(count / join));
  for (let row = 0; row < coarse.timestamp.length; row += 1) {
    const [from, to] = [row * join, Math.min(count, (row + 1) * join)];
    coarse.timestamp[row] = market.timestamp[from] ?? 0n;
    coarse.open[row] = market.open[from] ?? 0;
    coarse.high[row] = Math.max(...market.high.subarray(from, to));
    coarse.low[row] = Math.min(...market.low.subarray(from, to));
    coarse.close[row] = market.close[to - 1] ?? 0;
    coarse.volume[row] = market.volume.subarray(from, to).reduce((sum, volume) => sum + volume, 0);
  }
  return { symbol, intervalS: HOUR_S * join, candles: coarse };
}
