import type { V1BaselineGrid } from '@quantbot/core';
import { expect, test } from 'vitest';
import { renderV1BaselineCsv } from './csv.ts';
import { renderGridCsv, renderTradesCsv } from './csv-files.ts';
import { toGridCombinations } from './grid.ts';
import { renderReportPage } from './html/report-page.ts';
import { toPageData } from './page-data.ts';
import { formatParams } from './page/format.js';
import { renderV1BaselineTables } from './tables.ts';
import { buildOutcomeFixture, buildProvenanceFixture } from './testing/outcome-fixture.ts';
import { RANKING_LABEL } from './words.ts';

const LADDER = [
  { mult: 1.5, fraction: 0.5 },
  { mult: 2, fraction: 0.25 },
];
const GRID: V1BaselineGrid = {
  tp_mults: [3, 5],
  sl_mults: [0.9],
  max_hold_hrs: [24],
  trail_pcts: [null, 0.25],
  trail_activation_mults: [1.5],
  ladders: [LADDER, null],
};

test('combinations are in grid order, further exits fastest, null without the exit', () => {
  expect(toGridCombinations(GRID).slice(0, 4)).toEqual([
    { tp_mult: 3, sl_mult: 0.9, max_hold_hrs: 24, ladder: LADDER },
    { tp_mult: 3, sl_mult: 0.9, max_hold_hrs: 24 },
    { tp_mult: 3, sl_mult: 0.9, max_hold_hrs: 24, trailing: { activation_mult: 1.5, trail_pct: 0.25 }, ladder: LADDER },
    { tp_mult: 3, sl_mult: 0.9, max_hold_hrs: 24, trailing: { activation_mult: 1.5, trail_pct: 0.25 } },
  ]);
});

test('settings are told in one line', () => {
  const params = {
    tp_mult: 5,
    sl_mult: 0.9,
    max_hold_hrs: 24,
    trailing: { activation_mult: 1.5, trail_pct: 0.25 },
    break_even: { trigger_mult: 1.2 },
    ladder: LADDER,
    target_decay: [{ after_hrs: 12, tp_mult: 2 }],
  };
  expect(formatParams(params)).toBe(
    '5× / 0.9× / 24 h; trail 25% from 1.5×; break-even from 1.2×; ladder 50% at 1.5×, 25% at 2×; target 2× after 12 h',
  );
});

test('CSV files have columns for further exits only when the search has any', () => {
  const withFurther = buildOutcomeFixture({ mode: 'optimize', grid: GRID }).outcome;
  expect(renderGridCsv(withFurther).split(/\r?\n/).slice(0, 2)).toEqual([
    'caller,tp_mult,sl_mult,max_hold_hrs,trail_activation_mult,trail_pct,break_even_mult,ladder,target_decay,final_capital,total_return,trades_executed',
    expect.stringMatching(/^all calls,3,0\.9,24,,,,"1\.5:0\.5,2:0\.25",,/),
  ]);
  expect(renderGridCsv(buildOutcomeFixture({ mode: 'optimize' }).outcome)).toMatch(/^caller,tp_mult,sl_mult,max_hold_hrs,final_capital,/);
});

test('the parts of a trade are in the CSV file and on the page', () => {
  const { outcome, calls } = buildOutcomeFixture({ mode: 'optimize', grid: GRID, callers: ['alpha'], callsPerCaller: 3 });
  const result = outcome.optimize?.best_result;
  const first = result?.completed_trades[0];
  if (!result || !first) throw new Error('the fixture has a trade');
  const legs = [
    { ts_ms: Date.UTC(2025, 4, 2), px: 1.5, fraction: 0.5, reason: 'take_profit' as const },
    { ts_ms: Date.UTC(2025, 4, 3), px: 1, fraction: 0.5, reason: 'break_even' as const },
  ];
  result.completed_trades[0] = { ...first, legs };
  expect(renderTradesCsv(outcome, calls)).toContain(
    '0.5@1.5 take_profit 2025-05-02T00:00:00.000Z; 0.5@1 break_even 2025-05-03T00:00:00.000Z',
  );
  expect(JSON.stringify(toPageData(outcome, calls))).toContain('50.0% at 1.5 take profit, 50.0% at 1 break-even');
});

test('the terminal names the best plateau beside the best combinations', () => {
  const { outcome } = buildOutcomeFixture({ mode: 'optimize' });
  expect(renderV1BaselineTables(outcome, { width: 200, color: false })).toMatch(
    /Best plateau: .* on average over 9 neighbouring combinations/,
  );
});

function buildRanking(): ReturnType<typeof buildOutcomeFixture> {
  const { outcome, calls } = buildOutcomeFixture({ mode: 'optimize', grid: GRID });
  const [params] = toGridCombinations(GRID);
  if (params === undefined) throw new Error('the grid has a combination');
  const row = {
    params,
    expectancy: 0.12,
    win_rate: 0.4,
    gross_profit: 3,
    gross_loss: 0,
    profit_factor: null,
    sharpe_per_trade: 0.3,
    mean_hold_hrs: 7.5,
  };
  const ranking = { basis: 'each_trade_on_its_own', rank_by: 'expectancy', params_evaluated: 8, trades: 25, ranked: [row] } as const;
  return { outcome: { ...outcome, mode: 'rank', optimize: null, per_caller: null, ranking: { ...ranking, ranked: [row] } }, calls };
}

test('a ranking is labelled wherever it is shown, and never called capital', async () => {
  const { outcome, calls } = buildRanking();
  const table = renderV1BaselineTables(outcome, { width: 200, color: false });
  expect(table).toContain(RANKING_LABEL);
  expect(table).not.toMatch(/became/);
  expect(renderV1BaselineCsv(outcome)).toMatch(/\neach_trade_on_its_own,1,3,/);
  const page = await renderReportPage({ outcome, calls, provenance: buildProvenanceFixture() });
  expect(page).toContain(`<h2>${RANKING_LABEL}</h2>`);
});
