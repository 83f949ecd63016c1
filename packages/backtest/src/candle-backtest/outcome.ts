/** What one backtest on candles gives to tables, reports and the server. */
import type { BacktestResult, CandleColumns, ParameterValues, Period, SimulationSettings, SliceRef } from '@quantbot/core';
import type { LoadedStrategy } from '../strategy-file/loaded-strategy.ts';

export interface CandleBacktestRequest {
  readonly strategy: LoadedStrategy;
  readonly symbols: readonly string[];
  /** Candle length; series that are stored finer are resampled. */
  readonly intervalS: number;
  /** Half-open range of candle openings; an absent bound is that of the data. Candles before it only warm indicators up. */
  readonly fromMs: number | undefined;
  readonly toMs: number | undefined;
  readonly params: ParameterValues;
  /** Below what the strategy says (quantbot.yaml), and above it (flags). */
  readonly defaults: SimulationSettings;
  readonly overrides: SimulationSettings;
  readonly periods: readonly Period[];
  readonly objectives: readonly string[];
  /** Candles before `fromMs` that go into the slice, as far as they are there. */
  readonly warmUpCandles: number;
}

/** Candles for a chart, made coarser until they are few enough to draw. */
export interface ChartCandles {
  readonly symbol: string;
  readonly intervalS: number;
  readonly candles: CandleColumns;
}

/** How a series came to be: which stored one it was made of, and what is missing in it. */
export interface SeriesOrigin {
  readonly symbol: string;
  readonly storedIntervalS: number;
  readonly contentHash: string;
  readonly candles: number;
  readonly firstTimestamp: number;
  readonly lastTimestamp: number;
  readonly missingCandles: number;
  /** How many of them fall on hours of the week at which the market is closed as a rule. */
  readonly usuallyClosed: number;
}

/** What tables and findings speak of: as much as a result document keeps, wherever the backtest ran. */
export interface ShownBacktest {
  readonly request: Pick<CandleBacktestRequest, 'intervalS'>;
  readonly series: readonly SeriesOrigin[];
  readonly result: BacktestResult;
}

export interface CandleBacktestOutcome extends ShownBacktest {
  readonly request: CandleBacktestRequest;
  readonly slice: SliceRef;
  readonly series: readonly SeriesOrigin[];
  readonly charts: readonly ChartCandles[];
  readonly result: BacktestResult;
  readonly engineVersion: string;
  readonly engineSourceHash: string;
  readonly loadMs: number;
  readonly computeMs: number;
}
