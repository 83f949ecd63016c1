/** Plain words for every code that a result can hold. The HTML report, the terminal tables and the CSV files share them. */
import type { CapitalSimulatorConfig, ExitReason, RankFigure, SkipReason } from '@quantbot/core';
import type { CoverageReason } from '../plan/coverage.ts';
import type { V1BaselineMode } from '../v1-baseline/outcome.ts';

export type NotTradedReason = CoverageReason | SkipReason;
export type CallerExclusion = 'collapsed_capital' | 'requires_extreme_params' | 'no_trades';

interface ReasonWords {
  /** Two or three words, for columns. */
  readonly label: string;
  /** One sentence, for lists and explanations. */
  readonly meaning: string;
}

export const NOT_TRADED_WORDS: Readonly<Record<NotTradedReason, ReasonWords>> = {
  no_candles: { label: 'no candles', meaning: 'The data holds no candles of this instrument at this interval.' },
  no_entry: { label: 'no entry candle', meaning: 'The candles of this instrument end before the call, so there is nothing to buy at.' },
  too_new: { label: 'too new', meaning: 'The longest holding time reaches beyond the end of the data.' },
  missing_range: { label: 'hole in the data', meaning: 'Candles are missing inside the holding time although the data goes on elsewhere.' },
  max_concurrent_positions: { label: 'all slots taken', meaning: 'The allowed number of positions was already open when the call came.' },
  insufficient_capital: {
    label: 'too little cash',
    meaning: 'The position that free cash allowed was smaller than the smallest executable size.',
  },
};

export const EXIT_WORDS: Readonly<Record<ExitReason, ReasonWords>> = {
  take_profit: { label: 'take profit', meaning: 'The price reached the target.' },
  stop_loss: { label: 'stop loss', meaning: 'The price fell to the stop.' },
  break_even: { label: 'break-even', meaning: 'After a profit the price fell back to the entry price.' },
  trailing_stop: { label: 'trailing stop', meaning: 'The price fell from its peak to the trailing stop.' },
  time_exit: { label: 'time exit', meaning: 'The longest holding time was over; closed at that candle’s close.' },
  end_of_data: { label: 'end of data', meaning: 'The candles ended first; closed at the last close.' },
};

export const CALLER_EXCLUSION_WORDS: Readonly<Record<CallerExclusion, ReasonWords>> = {
  collapsed_capital: { label: 'collapsed', meaning: 'Even the best settings ended below the initial capital.' },
  requires_extreme_params: {
    label: 'extreme',
    meaning: 'The best settings need a stop or a target beyond the limits for sensible settings.',
  },
  no_trades: { label: 'no trades', meaning: 'Not one call could be traded.' },
};

export const MODE_WORDS: Readonly<Record<V1BaselineMode, string>> = {
  'per-caller': 'each caller alone',
  grouped: 'a group of callers on one shared capital',
  both: 'each caller alone, then the selected ones together',
  optimize: 'all calls together, one search',
  rank: 'every combination by its trades, each on its own, capital ignored',
};

/** Stands over every ranking, wherever it is shown. */
export const RANKING_LABEL = 'Each trade on its own, capital ignored';

export const RANK_FIGURE_WORDS: Readonly<Record<RankFigure, string>> = {
  expectancy: 'mean return of a trade',
  win_rate: 'share of winners',
  profit_factor: 'gains over losses',
  sharpe_per_trade: 'mean over standard deviation of a trade’s return',
};

type ConfigKey = keyof CapitalSimulatorConfig;

/** What each option of the simulator means, in the order in which a trader asks. */
export const CONFIG_WORDS: Readonly<Record<ConfigKey, string>> = {
  initial_capital: 'Money at the start. Each caller alone gets all of it; the group shares it.',
  max_allocation_pct: 'A position may use at most this share of the cash that is free at the moment.',
  max_risk_per_trade: 'What one trade may lose at its stop: below 1 a fraction of equity, from 1 on an amount of money.',
  max_concurrent_positions: 'Calls that come while this many positions are open are skipped.',
  min_executable_size: 'Positions smaller than this are not opened.',
  taker_fee_bps: 'Exchange fee per side, in hundredths of a percent of the position.',
  slippage_bps: 'Price lost to the market per side, in hundredths of a percent of the position.',
  intrabar: 'What counts first when one candle touches both stop and target; nobody can see the order inside a candle.',
  gap_fill: 'The fill price when a candle opens beyond a level. “worse” gives the stop the bad open and the target no gift.',
};

/** The words of a code, or the code itself where a newer engine knows more than this report. */
export function toReasonLabel(code: string): string {
  return lookUp(code)?.label ?? code.replaceAll('_', ' ');
}

export function toReasonMeaning(code: string): string {
  return lookUp(code)?.meaning ?? '';
}

function lookUp(code: string): ReasonWords | undefined {
  const all: Readonly<Record<string, ReasonWords>> = { ...NOT_TRADED_WORDS, ...EXIT_WORDS, ...CALLER_EXCLUSION_WORDS };
  return Object.hasOwn(all, code) ? all[code] : undefined;
}
