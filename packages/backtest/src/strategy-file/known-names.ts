/**
 * Names that rules may speak of, so that a slip is found with its place before the engine is asked. The engine's registries decide what
 * they mean; a test holds these lists to docs/indicators.md, which is written from the registries.
 */

export const PRICES: readonly string[] = ['open', 'high', 'low', 'close', 'volume'];

export const FUNCTIONS: readonly string[] = ['crosses_above', 'crosses_below', 'previous', 'abs', 'min', 'max'];

export const INDICATORS: readonly string[] = [
  ...['adx', 'atr', 'bollinger', 'cci', 'donchian', 'ema', 'highest', 'keltner', 'lowest', 'macd', 'minus_di', 'momentum', 'obv'],
  ...['plus_di', 'roc', 'rsi', 'sma', 'stddev', 'stochastic', 'supertrend', 'true_range', 'vwap', 'wma'],
];

export const BUILT_IN_SIGNALS: readonly string[] = [
  ...['atr_breakout', 'bollinger', 'donchian', 'ema_crossover', 'ma_crossover', 'macd', 'rsi', 'volume_spike'],
];

/** `signals.ma_crossover` and `ma_crossover` are one. */
export function toSignalName(written: string): string {
  return written.replace(/^signals\./, '');
}
