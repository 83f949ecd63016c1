/** Which stored series candles of a symbol are made of: those asked for, else the coarsest ones that make whole candles of them. */
import { AppError, toIntervalLabel, type CandleSeriesSummary } from '@quantbot/core';
import { findNearest } from '../strategy-file/nearest-name.ts';
import { canResample } from './resample.ts';

const MOST_NAMES = 12;
const MOST_HINTS = 3;

/** One series a symbol, in the order asked for. Throws NO_CANDLES for an unknown symbol or an interval that nothing stored makes. */
export function chooseStoredSeries(
  stored: readonly CandleSeriesSummary[],
  symbols: readonly string[],
  intervalS: number,
): readonly CandleSeriesSummary[] {
  const chosen = symbols.map((symbol) => {
    const own = findStoredSeries(stored, symbol);
    const [coarsest] = own.filter((one) => canResample({ fromS: one.intervalS, toS: intervalS })).sort((a, b) => b.intervalS - a.intervalS);
    return coarsest ?? refuseInterval(own, intervalS);
  });
  const names = chosen.map(({ instrument }) => instrument);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new AppError('USAGE', `the symbol ${twice} is named twice; name every symbol once`);
  return chosen;
}

/** All stored series of a symbol, finest first. `EURUSD`, `EUR-USD` and `EUR_USD` are one symbol unless the catalogue holds several of them. */
export function findStoredSeries(stored: readonly CandleSeriesSummary[], symbol: string): readonly CandleSeriesSummary[] {
  const names = [...new Set(stored.map(({ instrument }) => instrument))];
  const similar = names.filter((name) => toLetters(name) === toLetters(symbol));
  const name = names.includes(symbol) ? symbol : similar[0];
  if (name === undefined) refuseSymbol(names, symbol);
  if (name !== symbol && similar.length > 1) {
    throw new AppError('USAGE', `the symbol "${symbol}" can mean ${similar.join(' or ')}; name one of them`, {
      details: { symbols: similar },
    });
  }
  return stored.filter(({ instrument }) => instrument === name).sort((a, b) => a.intervalS - b.intervalS);
}

function refuseSymbol(names: readonly string[], symbol: string): never {
  if (names.length === 0) {
    throw new AppError(
      'NO_CANDLES',
      `expected candles of ${symbol}, found no candles at all; import some with \`quantbot data import FILE\``,
    );
  }
  const nearest = findNearest(symbol, names, MOST_HINTS);
  const shown = names.slice(0, MOST_NAMES).join(', ');
  const more = names.length > MOST_NAMES ? ` and ${String(names.length - MOST_NAMES)} more, see \`quantbot data list\`` : '';
  const hint = nearest.length === 0 ? '' : `; did you mean ${nearest.join(' or ')}?`;
  throw new AppError('NO_CANDLES', `there are no candles of "${symbol}"${hint} (stored: ${shown}${more})`, {
    details: { symbol, nearest },
  });
}

function refuseInterval(own: readonly CandleSeriesSummary[], intervalS: number): never {
  const symbol = own[0]?.instrument ?? '';
  const labels = own.map((one) => toIntervalLabel(one.intervalS));
  throw new AppError(
    'NO_CANDLES',
    `there are no ${toIntervalLabel(intervalS)} candles of ${symbol}, and they cannot be made of what is stored (${labels.join(', ')}); ask for one of these or a whole multiple`,
    { details: { symbol, intervals: labels } },
  );
}

/** `EUR-USD`, `EUR_USD`, `eur/usd` and `EURUSD` are the same letters. */
function toLetters(name: string): string {
  return name.toUpperCase().replaceAll(/[-_/\s]/g, '');
}
