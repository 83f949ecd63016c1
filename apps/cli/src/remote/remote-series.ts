/** The candle series and calls of a server, in the form of the catalogue. */
import type { Client } from '@quantbot/client';
import type { CandleSeriesSummary, MarketDataCatalogue } from '@quantbot/core';
import { withWorkspace, type CliContext } from '../context.ts';
import { findServer, type ServerFlags } from './server.ts';

export type SeriesList = Pick<MarketDataCatalogue, 'listSeries' | 'findCallRange'>;

const PAGE = 1_000;

export function createRemoteSeries(client: Client): SeriesList {
  return {
    async listSeries() {
      const series: CandleSeriesSummary[] = [];
      for (;;) {
        const { items, total } = await client.listSeries({ query: { offset: series.length, limit: PAGE } });
        series.push(...items.map(toSeries));
        if (items.length === 0 || series.length >= total) return series;
      }
    },
    async findCallRange() {
      const { calls, callers, first_time: first, last_time: last } = await client.getCallRange();
      return first === null || last === null ? undefined : { calls, firstMs: Date.parse(first), lastMs: Date.parse(last), callers };
    },
  };
}

type SeriesView = Awaited<ReturnType<Client['listSeries']>>['items'][number];

function toSeries(view: SeriesView): CandleSeriesSummary {
  return {
    instrument: view.instrument,
    intervalS: view.interval_s,
    rows: view.candles,
    firstTimestamp: Date.parse(view.first_time) / 1000,
    lastTimestamp: Date.parse(view.last_time) / 1000,
    contentHash: view.content_hash,
  };
}

/** Of the workspace, or of the server that is asked for. */
export async function withSeries<T>(context: CliContext, flags: ServerFlags, use: (list: SeriesList) => Promise<T>): Promise<T> {
  const client = await findServer(context, flags);
  return client === undefined ? withWorkspace(context, flags, ({ catalogue }) => use(catalogue)) : use(createRemoteSeries(client));
}
