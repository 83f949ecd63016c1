/** From when to when all symbols have candles, for who does not say it. */
import type { MarketDataCatalogue } from '@quantbot/core';
import { chooseStoredSeries } from '../slice/choose-stored-series.ts';
import type { TimeSpan } from './windows.ts';

/** Half-open, Unix milliseconds. Throws NO_CANDLES for a symbol that is not stored, or an interval that cannot be made. */
export async function findDataRange(
  catalogue: Pick<MarketDataCatalogue, 'listSeries'>,
  symbols: readonly string[],
  intervalS: number,
): Promise<TimeSpan> {
  const chosen = chooseStoredSeries(await catalogue.listSeries(), symbols, intervalS);
  return {
    fromMs: Math.max(...chosen.map(({ firstTimestamp }) => firstTimestamp)) * 1000,
    toMs: Math.min(...chosen.map(({ lastTimestamp, intervalS: storedS }) => lastTimestamp + storedS)) * 1000,
  };
}
