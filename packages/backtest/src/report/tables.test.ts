import { describe, expect, it } from 'vitest';
import { renderV1BaselineTables } from './tables.ts';
import { toFittedText, toTableLines, toTerminalText, toTextWidth, toWrappedLines } from './terminal-text.ts';
import { buildOutcomeFixture, type OutcomeFixtureOptions } from './testing/outcome-fixture.ts';

const render = (options: OutcomeFixtureOptions, width = 120, color = false): string =>
  renderV1BaselineTables(buildOutcomeFixture(options).outcome, { width, color });

describe('width of text in a terminal', () => {
  it.each([
    ['plain', 5],
    ['月亮', 4],
    ['🚀', 2],
    ['👨‍👩‍👧', 2],
    ['🇩🇪', 2],
    ['e\u0301', 1],
    ['1️⃣', 2],
    ['', 0],
  ])('counts %s as %i columns', (text, width) => {
    expect(toTextWidth(text)).toBe(width);
  });

  it('never cuts an emoji in two', () => {
    expect(toFittedText('ab🚀cd', 4)).toBe('ab…');
    expect(toFittedText('ab🚀', 4)).toBe('ab🚀');
  });

  it('keeps escape sequences and direction marks out', () => {
    expect(toTerminalText('a\u001b[31mb\u202ec\nd')).toBe('a?[31mb?c?d');
  });

  it('breaks lines at spaces', () => {
    expect(toWrappedLines('one two three', 7)).toEqual(['one two', 'three']);
  });

  it('drops the least important columns first and cuts the first one last', () => {
    const columns = [
      { title: 'Name', align: 'left', dropOrder: 0 },
      { title: 'Kept', align: 'right', dropOrder: 0 },
      { title: 'Dropped', align: 'right', dropOrder: 1 },
    ] as const;
    expect(toTableLines({ columns, rows: [['x'.repeat(40), '1', '2']] }, 26)).toEqual([
      'Name                  Kept',
      `${'x'.repeat(19)}…     1`,
    ]);
  });
});

describe('terminal tables', () => {
  it('stay aligned whatever the callers call themselves', () => {
    const lines = render({ callers: ['lunar', '🚀 月亮', '👨‍👩‍👧 fam', 'é'.normalize('NFD'), '42'] }).split('\n');
    const start = lines.findIndex((line) => line.startsWith('Caller '));
    const ends = lines.slice(start, start + 6).map((line) => toTextWidth(/^.* (Return|[+-][\d.]+%)/.exec(line)?.[0] ?? ''));
    expect(ends[0]).toBeGreaterThan(10);
    expect(new Set(ends).size).toBe(1);
  });

  it.each([60, 80, 120])('fit a terminal of %i columns', (width) => {
    for (const mode of ['both', 'optimize', 'grouped', 'per-caller'] as const) {
      const lines = render({ mode, excludedCalls: 300, callers: ['a'.repeat(80), 'b', 'c'] }, width).split('\n');
      expect(Math.max(...lines.map(toTextWidth))).toBeLessThanOrEqual(width);
    }
  });

  it('say first that most calls could not be judged', () => {
    const [first] = render({ callers: ['a'], callsPerCaller: 3, excludedCalls: 74 }, 400).split('\n');
    expect(first).toMatch(/^! 74 of 77 calls have no usable candles .* describes only the other 3/);
  });

  it('show the best ten combinations in mode optimize', () => {
    const text = render({ mode: 'optimize' });
    expect(text).toContain('Best 10 of 30 combinations');
    expect(text).not.toContain('Callers, each alone');
  });

  it('say plainly that nobody passed the filters', () => {
    expect(render({ mode: 'grouped', withoutGroup: true })).toContain('No caller passed the filters');
  });

  it('use escape sequences only when colour is asked for', () => {
    expect(render({})).not.toContain('\u001b');
    expect(render({}, 120, true)).toContain('\u001b[1m');
  });
});
