/** The API over a real port, as programs use it: the predecessors' requests, lists, results, errors. */
import { Validator } from '@seriousme/openapi-schema-validator';
import { API_ROUTES } from '@quantbot/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CROSSOVER, openServerRoom, until, type ServerTestRoom } from './server-room.ts';

describe('the API', () => {
  let room: ServerTestRoom;
  beforeAll(async () => {
    room = await openServerRoom();
  });
  afterAll(async () => {
    await room[Symbol.asyncDispose]();
  });

  it('says that it is healthy and ready', async () => {
    expect(await room.get('/health')).toMatchObject({ status: 200, body: { status: 'ok' } });
    expect(await room.get('/ready')).toMatchObject({ status: 200, body: { status: 'ready' } });
  });

  it('describes itself in a valid OpenAPI 3.1 document with every route', async () => {
    const { body } = await room.get('/openapi.json');
    const { valid, errors } = await new Validator().validate(body);
    expect(errors).toBeUndefined();
    expect(valid).toBe(true);
    expect(body['openapi']).toBe('3.1.0');
    const operations = Object.values(body['paths'] as Record<string, Record<string, { operationId: string }>>).flatMap((path) =>
      Object.values(path).map(({ operationId }) => operationId),
    );
    expect(operations.sort()).toEqual(Object.keys(API_ROUTES).sort());
  });

  it('shows readable documentation without the internet', async () => {
    const page = await room.get('/docs/');
    expect(page.status).toBe(200);
    expect(page.body['text']).toContain('swagger-ui');
    expect(page.body['text']).not.toMatch(/(?:src|href)="https?:/);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect((await room.get('/docs/static/swagger-ui-bundle.js')).status).toBe(200);
  });

  it("runs the predecessor's backtest as its curl example writes it, and gives trades and equity", async () => {
    const submitted = await room.call('POST', '/api/backtest/run', {
      body: {
        strategy_name: 'ma_crossover_strategy',
        symbol: 'EURUSD',
        timeframe: '1h',
        start_date: '2024-02-01T00:00:00Z',
        end_date: '2024-02-07T23:59:59Z',
        initial_capital: 10000.0,
      },
    });
    expect(submitted).toMatchObject({ status: 202, body: { status: 'queued' } });
    const id = String(submitted.body['backtest_id']);
    const ended = await until(
      () => room.get(`/api/backtest/${id}/status`),
      ({ body }) => ['complete', 'failed'].includes(String(body['status'])),
    );
    expect(ended.body).toMatchObject({ status: 'complete', progress_pct: 100, error: null });
    const results = await room.get(`/api/backtest/${id}/results`);
    expect(results).toMatchObject({ status: 200, body: { backtest_id: id, strategy_name: 'ma_crossover_strategy' } });
    const total = Number(results.body['total_trades']);
    expect(total).toBeGreaterThan(0);
    const trades = await room.get(`/api/backtest/${id}/trades?limit=2&sort=pnl&direction_of_sort=desc`);
    const [best, second] = trades.body['items'] as { pnl: number; symbol: string }[];
    expect(trades.body['total']).toBe(total);
    expect(best?.symbol).toBe('EURUSD');
    expect(best?.pnl).toBeGreaterThanOrEqual(second?.pnl ?? -Infinity);
    const equity = await room.get(`/api/backtest/${id}/equity?px=40`);
    expect((equity.body['ts_ms'] as number[]).length).toBeLessThanOrEqual(40);
    expect(equity.body).toMatchObject({ is_reduced: true });
    const report = await room.get(`/api/reports/${id}/report.html`);
    expect(report.headers.get('content-security-policy')).toContain('sandbox');
    const list = await room.get('/api/backtests?states=complete&search=ma_crossover');
    expect(list.body).toMatchObject({ total: 1, items: [{ id, kind: 'backtest' }] });
  });

  it("runs the predecessor's search, and gives the best, each parameter's part, and trials that are filtered by the store", async () => {
    const submitted = await room.call('POST', '/api/backtest/optimize', {
      body: {
        strategy_name: 'ma_crossover_strategy',
        symbol: 'EURUSD',
        timeframe: '1h',
        date_range: ['2024-01-01', '2024-02-20'],
        optimize_params: { fast: [3, 5, 7], slow: [15, 20] },
        objective: 'sharpe_ratio',
      },
    });
    expect(submitted).toMatchObject({ status: 202, body: { combinations: 6 } });
    const id = String(submitted.body['batch_id']);
    const ended = await until(
      () => room.get(`/api/optimization/batches/${id}`),
      ({ body }) => ['complete', 'failed'].includes(String(body['status'])),
    );
    expect(ended.body).toMatchObject({ status: 'complete', total: 6, completed: 6, failed: 0, progress_pct: 100, error: null });
    const columns = await room.get(`/api/studies/${id}/columns`);
    const values = columns.body['value'] as number[];
    expect(columns.body['params']).toEqual({ fast: [3, 3, 5, 5, 7, 7], slow: [15, 20, 15, 20, 15, 20] });
    const best = { number: values.indexOf(Math.max(...values)), value: Math.max(...values) };
    expect(ended.body['best']).toMatchObject(best);
    const results = await room.get(`/api/optimization/batches/${id}/results?limit=2`);
    expect(results.body).toMatchObject({ best, accepted: { total: 6 }, rejected: 0 });
    expect(results.body['parameter_analysis']).toMatchObject([{ parameter: 'fast' }, { parameter: 'slow' }]);
    const filtered = await room.get(`/api/studies/${id}/trials?where=param:fast>=5;param:slow=15&sort=objective:sharpe_ratio@all`);
    expect(filtered.body).toMatchObject({ total: 2 });
    const board = await room.get('/api/leaderboard?objective=sharpe_ratio&limit=1');
    expect(board.body['items']).toMatchObject([{ rank: 1, value: best.value, study: { id } }]);
    expect((await room.get('/api/studies?strategy=nothing')).body['total']).toBe(0);
  });

  it('gives no result for work that was cancelled, and says that it was', async () => {
    const { body } = await room.call('POST', '/api/backtest/run', {
      body: { strategy_name: 'ma_crossover_strategy', symbol: 'EURUSD', timeframe: '1h', priority: -100 },
    });
    const id = String(body['backtest_id']);
    await room.call('POST', `/api/backtest/${id}/cancel`);
    const ended = await until(
      () => room.get(`/api/backtest/${id}/status`),
      (answer) => ['cancelled', 'complete'].includes(String(answer.body['status'])),
    );
    expect(ended.body['status']).toBe('cancelled');
    expect(await room.get(`/api/backtest/${id}/results`)).toMatchObject({ status: 499, body: { error: { code: 'CANCELLED' } } });
  });

  it.each([
    ['GET', '/api/backtest/nothing/status', 'JOB_NOT_FOUND'],
    ['GET', '/api/backtest/nothing/results', 'JOB_NOT_FOUND'],
    ['POST', '/api/backtest/nothing/cancel', 'JOB_NOT_FOUND'],
    ['GET', '/api/optimization/batches/nothing', 'JOB_NOT_FOUND'],
    ['GET', '/api/optimization/batches/nothing/results', 'JOB_NOT_FOUND'],
    ['DELETE', '/api/optimization/batches/nothing', 'JOB_NOT_FOUND'],
    ['GET', '/api/studies/nothing', 'STUDY_NOT_FOUND'],
    ['GET', '/api/studies/nothing/trials', 'STUDY_NOT_FOUND'],
    ['GET', '/api/strategies/nothing', 'STRATEGY_NOT_FOUND'],
    ['GET', '/api/reports/nothing', 'NOT_FOUND'],
    ['GET', '/api/nothing', 'NOT_FOUND'],
    ['PATCH', '/api/backtests', 'NOT_FOUND'],
  ])('answers %s %s with 404 and %s', async (method, path, code) => {
    const { status, body } = await room.call(method, path);
    expect(status).toBe(404);
    expect(body).toMatchObject({ error: { code, message: expect.any(String) as string, request_id: expect.any(String) as string } });
  });

  it.each([
    ['an unknown field', { colour: 'red' }, 400, 'INVALID_REQUEST', 'colour'],
    ['an unknown strategy', { strategy_name: 'moon' }, 404, 'STRATEGY_NOT_FOUND', 'moon'],
    ['a path as a strategy', { strategy_name: '../../etc/passwd' }, 400, 'INVALID_REQUEST', 'strategy_name'],
    ['an unknown symbol', { symbol: 'DOGE' }, 404, 'NO_CANDLES', 'DOGE'],
    ['a range without candles', { start_date: '2030-01-01', end_date: '2030-02-01' }, 404, 'NO_CANDLES', 'EURUSD'],
    [
      'a range that ends before it begins',
      { start_date: '2024-02-01', end_date: '2024-01-01' },
      400,
      'INVALID_REQUEST',
      '2024-02-01 to 2024-01-01',
    ],
    ['a day that does not exist', { start_date: '2024-02-31' }, 400, 'INVALID_REQUEST', 'start_date'],
    ['a parameter that the strategy does not have', { params: { speed: 3 } }, 400, 'INVALID_REQUEST', 'speed'],
    ['two ways to name the market', { symbols: ['EURUSD'] }, 400, 'INVALID_REQUEST', 'symbol or symbols'],
    ['no money', { initial_capital: -1 }, 400, 'INVALID_REQUEST', 'initial_capital'],
  ])('refuses a backtest with %s, and says so', async (_what, change, status, code, words) => {
    const body = { strategy_name: 'ma_crossover_strategy', symbol: 'EURUSD', timeframe: '1h', ...change };
    const refusal = { code, message: expect.stringContaining(words) as string };
    expect(await room.call('POST', '/api/backtest/run', { body })).toMatchObject({ status, body: { error: refusal } });
  });

  it('explains with 422 what one request may not ask for', async () => {
    const values = Array.from({ length: 1_001 }, (_, index) => index / 10);
    const body = {
      strategy_name: 'ma_crossover_strategy',
      symbol: 'EURUSD',
      timeframe: '1h',
      optimize_params: { fast: values, slow: values },
    };
    const { status, body: answer } = await room.call('POST', '/api/backtest/optimize', { body });
    expect(status).toBe(422);
    expect(answer).toMatchObject({ error: { code: 'LIMIT_EXCEEDED', details: { asked: 1_002_001, limit: 1_000_000 } } });
  });

  it("takes the predecessor's study files as text, as JSON and by their path, and tells their size", async () => {
    const config = {
      name: 'small',
      strategy: { name: 'v1_baseline' },
      parameters: { tp_mult: { start: 1.5, end: 3, step: 0.5 } },
      sampler: 'grid',
    };
    const { status, body } = await room.call('POST', '/api/optimization/run-parallel', { body: { config, max_concurrent: 2 } });
    expect([status, body['error']]).toEqual([202, undefined]);
    expect(body).toMatchObject({ combinations: 4 });
    const batch = await room.get(`/api/optimization/batches/${String(body['batch_id'])}`);
    expect(batch.body).toMatchObject({ batch_id: body['batch_id'], name: 'small', completed: 0, best: null });
    const broken = await room.call('POST', '/api/optimization/run-parallel', {
      body: { config_yaml: 'strategy: {name: v1_baseline}\nparameters: {a: {low: 3}}\n' },
    });
    expect(broken).toMatchObject({
      status: 400,
      body: { error: { code: 'INVALID_STUDY', message: expect.stringMatching(/config:\d+:\d+/) as string } },
    });
    for (const path of ['../quantbot.yaml', '/etc/passwd', 'nothing.yaml', 'runs/../quantbot.yaml']) {
      expect(await room.call('POST', '/api/optimization/run-parallel', { body: { config_path: path } })).toMatchObject({ status: 404 });
    }
  });

  it('lists strategies, checks them, and saves what passes', async () => {
    expect((await room.get('/api/strategies')).body).toMatchObject({ items: [{ name: 'ma_crossover_strategy', kind: 'rules' }] });
    const read = await room.get('/api/strategies/ma_crossover_strategy');
    expect(read.body['source']).toBe(CROSSOVER);
    const check = await room.call('POST', '/api/strategies/validate', { body: { source: CROSSOVER.replace('sma', 'smma9') } });
    expect(check).toMatchObject({ status: 200, body: { is_valid: false } });
    expect(JSON.stringify(check.body['problems'])).toMatch(/:\d+:\d+/);
    const renamed = CROSSOVER.replace('ma_crossover_strategy', 'second');
    expect(await room.call('PUT', '/api/strategies/second', { body: { source: renamed } })).toMatchObject({
      status: 200,
      body: { created: true },
    });
    const stale = await room.call('PUT', '/api/strategies/second', { body: { source: renamed, expected_sha256: 'a'.repeat(64) } });
    expect(stale).toMatchObject({ status: 409 });
    expect(await room.call('PUT', '/api/strategies/third', { body: { source: 'name: [' } })).toMatchObject({
      status: 400,
      body: { error: { code: 'INVALID_STRATEGY' } },
    });
    expect(await room.call('PUT', '/api/strategies/fourth', { body: { kind: 'python', source: 'x = 1' } })).toMatchObject({ status: 403 });
    expect((await room.get('/api/strategies')).body['total']).toBe(2);
  });

  it('shows the catalogue, candles for a chart, and imports an uploaded file', async () => {
    expect((await room.get('/api/data/series')).body).toMatchObject({
      total: 1,
      items: [{ instrument: 'EURUSD', timeframe: '1h', candles: 1_440 }],
    });
    const chart = await room.get('/api/data/candles?instrument=EURUSD&timeframe=1h&limit=100');
    expect(chart.body).toMatchObject({ candles_total: 1_440, interval_s: 54_000 });
    const upload = (name: string, text: string) => {
      const form = new FormData();
      form.append('file', new Blob([text]), name);
      return fetch(`${room.url}/api/data/upload`, { method: 'POST', body: form });
    };
    const good = await upload('GBPUSD_1h.csv', 'timestamp,open,high,low,close,volume\n1704067200,1,2,0.5,1.5,9\n1704070800,1.5,2,1,1,9\n');
    expect([good.status, await good.json()]).toMatchObject([201, { imports: [{ kind: 'candles', file: 'GBPUSD_1h.csv', rows_added: 2 }] }]);
    const bad = await upload('GBPUSD_1h.csv', 'timestamp,open,high,low,close,volume\n1704067200,1,0.1,0.5,1.5,9\n');
    const problem = JSON.stringify(await bad.json());
    expect(bad.status).toBe(422);
    expect(problem).not.toContain(room.workspace.root);
    expect((await upload('evil.duckdb', 'x')).status).toBe(422);
    expect((await upload('../../evil.csv', 'a,b\n')).status).not.toBe(201);
  });

  it('counts requests and jobs for Prometheus', async () => {
    const { body } = await room.get('/metrics');
    expect(body['text']).toMatch(/quantbot_http_request_seconds_count\{method="GET",route="\/health",status="200"\} \d+/);
    expect(body['text']).toContain('quantbot_jobs{state="queued"}');
  });

  it('writes JSON lines with request ids, and gives the id of the caller back', async () => {
    const { headers } = await room.get('/api/system', { headers: { 'x-request-id': 'my-trace-7' } });
    expect(headers.get('x-request-id')).toBe('my-trace-7');
    const line = room
      .log()
      .split('\n')
      .find((each) => each.includes('my-trace-7'));
    expect(JSON.parse(line ?? '{}')).toMatchObject({ reqId: 'my-trace-7' });
  });
});
