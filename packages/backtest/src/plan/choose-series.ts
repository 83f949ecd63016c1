/** The interval of a run, and the series of the called instruments at it. */
import { AppError, parseInterval, toIntervalLabel, type Call, type CandleSeriesSummary, type MarketDataCatalogue } from '@quantbot/core';

export interface SeriesChoice {
  readonly intervalS: number;
  /** End of the last candle of all data at this interval, in Unix milliseconds. */
  readonly dataEndMs: number;
  /** Series of instruments that are called, in order of the catalogue. */
  readonly series: readonly CandleSeriesSummary[];
}

/** `label` such as `5m`; undefined: the finest interval that the called instruments have. */
export async function chooseSeries(
  catalogue: MarketDataCatalogue,
  calls: readonly Call[],
  label: string | undefined,
): Promise<SeriesChoice> {
  const all = await catalogue.listSeries();
  const instruments = new Set(calls.map(({ mint }) => mint));
  const intervalS = chooseInterval(all, instruments, label);
  const ofInterval = all.filter((one) => one.intervalS === intervalS);
  const lastTimestamp = ofInterval.reduce((last, one) => Math.max(last, one.lastTimestamp), 0);
  return {
    intervalS,
    dataEndMs: (lastTimestamp + intervalS) * 1000,
    series: ofInterval.filter(({ instrument }) => instruments.has(instrument)),
  };
}

function chooseInterval(all: readonly CandleSeriesSummary[], instruments: ReadonlySet<string>, label: string | undefined): number {
  const called = all.filter(({ instrument }) => instruments.has(instrument));
  const intervals = [...new Set((called.length > 0 ? called : all).map(({ intervalS }) => intervalS))].sort((a, b) => a - b);
  const [finest] = intervals;
  if (finest === undefined) {
    throw new AppError('NO_CANDLES', 'the catalogue holds no candles yet; import some with `quantbot data import FILE`');
  }
  if (label === undefined) return finest;
  const intervalS = parseInterval(label);
  if (all.some((one) => one.intervalS === intervalS)) return intervalS;
  const labels = intervals.map(toIntervalLabel);
  throw new AppError('NO_CANDLES', `there are no ${label} candles in the catalogue; it has ${labels.join(', ')}`, {
    details: { intervals: labels },
  });
}
