/** The port to where candles come from: a candle server, a database, an exchange. Implemented by packages/backtest and packages/storage. */

/** A cell as the source gives it. Only the catalogue decides whether it is a price. */
export type SourceCell = number | string | null;

/** One row of a source. `timestampS`: opening time in Unix seconds. An absent volume is 0. */
export interface SourceCandle {
  readonly timestampS: number;
  readonly open: SourceCell;
  readonly high: SourceCell;
  readonly low: SourceCell;
  readonly close: SourceCell;
  readonly volume?: SourceCell;
}

/** Candles of one symbol that open in [fromS, toS), Unix seconds. */
export interface CandleRequest {
  readonly symbol: string;
  readonly intervalS: number;
  readonly fromS: number;
  readonly toS: number;
  /** What the catalogue holds of them already: opening times of the first and the last candle. */
  readonly stored?: { readonly firstS: number; readonly lastS: number };
}

export interface CandleSource {
  /** For messages and provenance: where the candles come from, never a password or a key. */
  readonly name: string;
  /**
   * Pages in order of time; none is empty. A source may leave out pages that it knows to be stored and unchanged.
   * SOURCE_UNREACHABLE, RATE_LIMITED, UNAUTHENTICATED, FORBIDDEN, NOT_FOUND, INVALID_REQUEST or CANCELLED.
   */
  readPages(request: CandleRequest, signal: AbortSignal): AsyncIterable<readonly SourceCandle[]>;
  /** Called when all pages read so far are stored: what was remembered of them may be kept. */
  readonly onStored?: () => Promise<void>;
  close(): Promise<void>;
}
