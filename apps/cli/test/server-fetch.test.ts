import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openServerRoom, until, type ServerTestRoom } from './server-room.ts';

const START_S = Date.UTC(2024, 3, 1) / 1000;
const HOURS = 24 * 30;

/** The predecessor's candle server: GET /api/candles?symbol&timeframe&from&to. */
function startCandleServer(asked: string[]): Server {
  return createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    asked.push(`${url.pathname} ${url.searchParams.get('symbol') ?? ''} ${url.searchParams.get('timeframe') ?? ''}`);
    const bound = (name: string): number => Number(url.searchParams.get(name));
    const candles = Array.from({ length: HOURS }, (_, hour) => {
      const [open, close] = [hour, hour + 1].map((at) => 50 + 5 * Math.sin(at / 7));
      const [first = 0, last = 0] = [open, close];
      return {
        timestamp: START_S + hour * 3600,
        open: first,
        high: Math.max(first, last),
        low: Math.min(first, last),
        close: last,
        volume: 1,
      };
    }).filter(({ timestamp }) => timestamp >= bound('from') && timestamp < bound('to'));
    response.setHeader('content-type', 'application/json').end(JSON.stringify(candles));
  }).listen(0, '127.0.0.1');
}

describe('a server with a candle server behind it (WS_MARKET_DATA_URL)', () => {
  const asked: string[] = [];
  let candles: Server;
  let room: ServerTestRoom;
  beforeAll(async () => {
    candles = startCandleServer(asked);
    await once(candles, 'listening');
    const { port } = candles.address() as AddressInfo;
    room = await openServerRoom({}, { WS_MARKET_DATA_URL: `http://127.0.0.1:${String(port)}` });
  });
  afterAll(async () => {
    await room[Symbol.asyncDispose]();
    candles.close();
  });

  const run = async (symbol: string): Promise<Record<string, unknown>> => {
    const body = { strategy_name: 'ma_crossover_strategy', symbol, timeframe: '1h', start_date: '2024-04-03', end_date: '2024-04-20' };
    const { status, body: submitted } = await room.call('POST', '/api/backtest/run', { body });
    expect(status).toBe(202);
    const path = `/api/backtest/${String(submitted['backtest_id'])}`;
    const { body: ended } = await until(
      () => room.get(`${path}/status`),
      ({ body: { status: state } }) => state === 'complete' || state === 'failed',
    );
    expect(ended).toMatchObject({ status: 'complete' });
    return (await room.get(`${path}/results`)).body;
  };

  it('fetches what the catalogue does not hold, once', async () => {
    const first = await run('NEWCOIN');
    expect(first['total_trades']).toBeGreaterThan(5);
    const requests = asked.length;
    expect(asked[0]).toBe('/api/candles NEWCOIN 1h');
    expect((await run('NEWCOIN'))['total_trades']).toBe(first['total_trades']);
    expect(asked).toHaveLength(requests);
  });

  it('says so when the candle server has nothing either', async () => {
    const body = {
      strategy_name: 'ma_crossover_strategy',
      symbol: 'NOTHING',
      timeframe: '1h',
      start_date: '2019-01-01',
      end_date: '2019-02-01',
    };
    const { body: submitted } = await room.call('POST', '/api/backtest/run', { body });
    const { body: ended } = await until(
      () => room.get(`/api/backtest/${String(submitted['backtest_id'])}/status`),
      ({ body: { status } }) => status === 'failed' || status === 'complete',
    );
    expect(ended).toMatchObject({ status: 'failed', error: { code: 'NO_CANDLES' } });
  });
});
