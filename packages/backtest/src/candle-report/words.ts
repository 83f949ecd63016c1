/** Plain words for the codes of a backtest on candles. The HTML report, the terminal tables and the docs share them. */

interface Words {
  /** Two or three words, for columns. */
  readonly label: string;
  /** One sentence, for lists and explanations. */
  readonly meaning: string;
}

type Dictionary = Readonly<Record<string, Words>>;

const EXIT_WORDS: Dictionary = {
  stop_loss: { label: 'stop loss', meaning: 'The price reached the stop.' },
  break_even: { label: 'break-even', meaning: 'After a profit the price came back to the break-even stop.' },
  trailing_stop: { label: 'trailing stop', meaning: 'The price came back from its best to the trailing stop.' },
  liquidation: { label: 'liquidation', meaning: 'A short would have owed more than the money set aside for it.' },
  take_profit: { label: 'take profit', meaning: 'The price reached the target.' },
  ladder: { label: 'ladder', meaning: 'The last rung of the partial exits closed it.' },
  time_exit: { label: 'time exit', meaning: 'It was held for as long as it may be.' },
  signal: { label: 'signal', meaning: 'The strategy asked to leave.' },
  max_drawdown: { label: 'max drawdown', meaning: 'The account reached its drawdown limit; everything was closed.' },
  end_of_data: { label: 'end of data', meaning: 'The candles ended first; closed at the last close.' },
  open: { label: 'still open', meaning: 'Open when the candles ended; valued at the last close.' },
  entry: { label: 'entry', meaning: 'The position was opened or added to.' },
};

const SHORTFALL_WORDS: Dictionary = {
  insufficient_cash: { label: 'too little cash', meaning: 'Free cash did not cover the order and its costs.' },
  max_position_size: { label: 'position limit', meaning: 'The order was larger than one position may be.' },
  below_lot_size: { label: 'below lot size', meaning: 'What was left was less than one lot.' },
  below_minimum: { label: 'below minimum', meaning: 'What was left was less than the smallest order.' },
  costs_exceed_size: { label: 'costs exceed size', meaning: 'The costs would have used the order up.' },
  undefined_order: { label: 'undefined order', meaning: 'Its price, size or stop had no value at the signal.' },
  position_open: { label: 'already in position', meaning: 'A position was open and adding to it is off.' },
  max_positions: { label: 'positions full', meaning: 'The allowed number of positions of the symbol was open.' },
  opposite_position: { label: 'opposite position', meaning: 'A position in the other direction was open.' },
  daily_loss_limit: { label: 'daily loss limit', meaning: 'The day had lost as much as it may; no entries until the next UTC day.' },
  max_drawdown: { label: 'max drawdown', meaning: 'The account had reached its drawdown limit; it trades no more.' },
  replaced: { label: 'replaced', meaning: 'A newer order took its place before it was filled.' },
  cancelled: { label: 'cancelled', meaning: 'The strategy took it back before it was filled.' },
  expired: { label: 'expired', meaning: 'The price was not reached while the order was valid.' },
  end_of_data: { label: 'end of data', meaning: 'The candles ended before it could be filled.' },
};

const NULL_REASON_WORDS: Readonly<Record<string, string>> = {
  no_trades: 'no trades',
  no_wins: 'nothing won',
  no_losses: 'nothing lost',
  no_profit: 'no profit',
  no_drawdown: 'no drawdown',
  no_downside: 'too few losing days',
  no_benchmark: 'no benchmark',
  no_time: 'no time passed',
  zero_variance: 'returns do not vary',
  too_few_observations: 'too few days or trades',
  period_too_short: 'period too short',
  non_positive_equity: 'equity not above 0',
  only_breakeven: 'every trade broke even',
  no_initial_risk: 'a trade had no known first stop',
  no_autocorrelation: 'days do not depend on the day before',
  not_marked: 'not valued at every candle',
  not_reported: 'not reported',
};

/** The words of a code, or the code itself where a newer engine knows more than this report. */
export function toExitLabel(code: string): string {
  return lookUp(EXIT_WORDS, code)?.label ?? code.replaceAll('_', ' ');
}

export function toExitMeaning(code: string): string {
  return lookUp(EXIT_WORDS, code)?.meaning ?? '';
}

export function toShortfallLabel(code: string): string {
  return lookUp(SHORTFALL_WORDS, code)?.label ?? code.replaceAll('_', ' ');
}

export function toShortfallMeaning(code: string): string {
  return lookUp(SHORTFALL_WORDS, code)?.meaning ?? '';
}

/** Why a figure has no value; `undefined` codes are shown as they are. */
export function toNullReason(code: string | undefined): string {
  if (code === undefined) return 'not given';
  return lookUp(NULL_REASON_WORDS, code) ?? code.replaceAll('_', ' ');
}

function lookUp<T>(dictionary: Readonly<Record<string, T>>, code: string): T | undefined {
  return Object.hasOwn(dictionary, code) ? dictionary[code] : undefined;
}
