import { describe, expect, it } from 'vitest';
import { toTextWidth } from '../report/terminal-text.ts';
import { toBacktestSummary } from './summary.ts';
import { renderCandleBacktestTables } from './tables.ts';
import { buildCandleOutcome, type CandleOutcomeOptions } from './testing/candle-outcome.ts';

const render = (options: CandleOutcomeOptions = {}, width = 100, color = false): string =>
  renderCandleBacktestTables(buildCandleOutcome(options), { width, color });

describe('tables of a backtest on candles', () => {
  it('name strategy, symbol, timeframe and range, then money in and out beside buying and holding', () => {
    const [subject, answer] = render().split('\n');
    expect(subject).toBe('donchian_regime on EURUSD, 1h candles, 2023-11-15 to 2024-11-23');
    expect(answer).toMatch(/^10,000 became [\d,]+ \([+-][\d.]+%\)\. Buying and holding gave [+-][\d.]+%\.$/);
  });

  it('show the Sharpe ratio with its standard error', () => {
    expect(render()).toMatch(/^Sharpe ± s\.e\. +0\.84 ± 0\.71$/m);
  });

  it('say why a figure is missing instead of inventing one', () => {
    expect(render({ trades: 0 })).toMatch(/^Win rate +— \(no trades\)$/m);
    expect(render({ onlyLosses: true })).toMatch(/^Win rate +0\.0%$/m);
  });

  it('begin with the alarm when nothing was traded; why is in the notes of the engine', () => {
    expect(render({ trades: 0, notes: ['3 entry signals, but no trade: 3 because the cash was not there'] })).toMatch(
      /^! The strategy made no trade\.\n[^]*! 3 entry signals, but no trade/,
    );
  });

  it('tell hours at which the market is closed from gaps of the data', () => {
    expect(render({ missingCandles: 2063, usuallyClosed: 2063 })).not.toContain('missing');
    expect(render({ missingCandles: 2063, usuallyClosed: 2000 }, 300)).toContain(
      '63 candles between the first and the last are missing: holidays, or gaps of the data; 2,000 more fall on hours at which the market is closed every week.',
    );
    expect(render({ missingCandles: 7 }, 200)).toContain('7 candles between the first and the last are missing');
  });

  it('list every symbol, every kind of exit and every shortfall', () => {
    const text = render({ symbols: ['BTCUSDT', 'ETHUSDT'] });
    for (const words of ['BTCUSDT', 'ETHUSDT', 'stop loss', 'end of data', 'too little cash', 'already in position'])
      expect(text).toContain(words);
  });

  it('repeat the notes of the engine', () => {
    expect(render({ notes: ['Volume was zero on 4 candles.'] })).toContain('! Volume was zero on 4 candles.');
  });

  it.each([40, 60, 80, 120])('fit a terminal of %i columns', (width) => {
    const text = render({ symbols: ['a'.repeat(80), '月亮'], notes: ['A note that is longer than a narrow terminal has columns.'] }, width);
    const lines = text.split('\n').filter((line) => !line.includes('a'.repeat(40)));
    expect(Math.max(...lines.map(toTextWidth))).toBeLessThanOrEqual(width);
  });

  it('keep escape sequences of names out, and use their own only when colour is asked for', () => {
    expect(render({ strategy: 'x\u001b[31m', symbols: ['y\u001b[2J'] })).not.toContain('\u001b');
    expect(render({}, 100, true)).toContain('\u001b[1m');
  });
});

describe('the summary that the API answers with', () => {
  it('counts trades won and lost, their money and the signals', () => {
    const { result } = buildCandleOutcome({ trades: 20 });
    const summary = toBacktestSummary(result);
    expect(summary.total_trades).toBe(20);
    expect(summary.winning_trades + summary.losing_trades).toBe(20);
    expect(summary.total_pnl).toBeCloseTo((result.curve.equity.at(-1) ?? 0) - 10_000, 6);
    expect(summary.signals_generated).toBe(43);
  });

  it('leaves out a position that was still open when the candles ended, and says so', () => {
    const outcome = buildCandleOutcome({ trades: 2 });
    const { trades } = outcome.result;
    const result = { ...outcome.result, trades: { ...trades, pnl: [5, 9], reason: ['signal', 'open'] } };
    expect(toBacktestSummary(result)).toMatchObject({ total_trades: 1, total_pnl: 5 });
    expect(renderCandleBacktestTables({ ...outcome, result }, { width: 100, color: false })).toContain('1: 1 won, 0 lost, 1 still open');
  });

  it('calls a trade that breaks even neither won nor lost', () => {
    const { trades, symbols } = buildCandleOutcome({ trades: 2 }).result;
    expect(toBacktestSummary({ trades: { ...trades, pnl: [0, 0] }, symbols })).toMatchObject({
      winning_trades: 0,
      losing_trades: 0,
      total_pnl: 0,
    });
  });
});
