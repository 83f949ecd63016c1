import { describe, expect, it } from 'vitest';
import { renderV1BaselineCsv } from './csv.ts';
import { toCsvCell, toCsvDocument } from './csv-document.ts';
import { renderCallersCsv, renderGridCsv, renderSkippedCsv, renderTradesCsv } from './csv-files.ts';
import { buildOutcomeFixture } from './testing/outcome-fixture.ts';

const toLines = (document: string): readonly string[] => document.trimEnd().split('\n');

describe('CSV cells', () => {
  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\tx'])('makes the text %j harmless for spreadsheets', (text) => {
    expect(toCsvCell(text)).toBe(`'${text}`);
  });

  it('makes a text that begins with a carriage return harmless and quotes it', () => {
    expect(toCsvCell('\r=1')).toBe(`"'\r=1"`);
  });

  it('leaves numbers numbers, negative ones too', () => {
    expect([toCsvCell(-12.5), toCsvCell(1e-9), toCsvCell(null), toCsvCell(true)]).toEqual(['-12.5', '1e-9', '', 'true']);
  });

  it('quotes separators, quotes and line ends', () => {
    expect(toCsvDocument(['a'], [['x,"y"\nz']])).toBe('a\n"x,""y""\nz"\n');
  });
});

describe('CSV of a result', () => {
  it('has a row per caller and one for the group', () => {
    const { outcome } = buildOutcomeFixture({ callers: ['7', '=evil()', 'a,b'] });
    const lines = toLines(renderV1BaselineCsv(outcome));
    expect(lines.map((line) => line.split(',').slice(0, 2).join(','))).toEqual([
      'kind,caller',
      'caller,7',
      "caller,'=evil()",
      'caller,"a',
      'group,',
    ]);
  });

  it('has no row for a group that nobody belongs to', () => {
    const { outcome } = buildOutcomeFixture({ mode: 'grouped', withoutGroup: true });
    expect(toLines(renderV1BaselineCsv(outcome)).filter((line) => line.startsWith('group'))).toEqual([]);
  });

  it('ranks the combinations in mode optimize', () => {
    const { outcome } = buildOutcomeFixture({ mode: 'optimize' });
    const lines = toLines(renderV1BaselineCsv(outcome));
    const finals = lines.slice(1).map((line) => Number(line.split(',')[4]));
    expect(lines).toHaveLength(31);
    expect(finals).toEqual([...finals].sort((a, b) => b - a));
  });

  it('leaves the best settings of a caller without trades empty', () => {
    const { outcome } = buildOutcomeFixture({ withoutTrades: true, callers: ['idle'] });
    expect(toLines(renderCallersCsv(outcome))[1]).toMatch(/^caller,idle,40,0,40,,,,10000,0,/);
  });
});

describe('CSV files', () => {
  const { outcome, calls } = buildOutcomeFixture({ excludedCalls: 5 });

  it('lists every cell of every grid with the engine’s definition of return', () => {
    const lines = toLines(renderGridCsv(outcome));
    expect(lines).toHaveLength(1 + 4 * 30);
    const [, , , , finalCapital, totalReturn] = (lines[1] ?? '').split(',').map(Number);
    expect(totalReturn).toBe((finalCapital ?? 0) / 10_000 - 1);
  });

  it('lists every trade of the group and of each caller, with caller and instrument', () => {
    const expected = [outcome.grouped?.grouped_result, ...(outcome.per_caller ?? []).map(({ best_result }) => best_result)];
    const lines = toLines(renderTradesCsv(outcome, calls));
    expect(lines).toHaveLength(1 + expected.reduce((sum, result) => sum + (result?.trades_executed ?? 0), 0));
    const trade = outcome.grouped?.grouped_result?.completed_trades[0];
    const call = calls.find(({ id }) => id === trade?.call_id);
    expect(lines[1]?.split(',').slice(0, 5)).toEqual(['group', 'group', trade?.call_id, call?.caller, call?.mint]);
  });

  it('lists calls left out by the plan and calls skipped on the way', () => {
    const lines = toLines(renderSkippedCsv(outcome, calls));
    expect(lines.filter((line) => line.startsWith('plan,'))).toHaveLength(5);
    expect(lines.filter((line) => line.startsWith('simulation,group,'))).toHaveLength(
      outcome.grouped?.grouped_result?.trades_skipped ?? -1,
    );
  });

  it('knows excluded calls even when it is handed only the calls that were used', () => {
    const used = calls.filter(({ id }) => !id.startsWith('left-out'));
    expect(renderSkippedCsv(outcome, used)).toBe(renderSkippedCsv(outcome, calls));
  });
});
