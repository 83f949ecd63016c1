/** A walk-forward analysis for a terminal: what re-optimising would have earned, then one line a window. */
import { findMainFigures, toFigureText } from '../candle-report/figures.ts';
import { formatCount, formatReturn } from '../report/page/format.js';
import type { TerminalOptions } from '../report/tables.ts';
import { toTableLines, toTerminalText, toWrappedLines, type TerminalColumn } from '../report/terminal-text.ts';
import { formatParameter } from '../study-report/page/figure-text.js';
import type { ShownWalkForward } from './outcome.ts';

const NARROWEST = 40;
const COLUMNS: readonly TerminalColumn[] = [
  { title: 'Window', align: 'left', dropOrder: 0 },
  { title: 'Searched', align: 'left', dropOrder: 4 },
  { title: 'Tested', align: 'left', dropOrder: 1 },
  { title: 'In sample', align: 'right', dropOrder: 0 },
  { title: 'Out of sample', align: 'right', dropOrder: 0 },
  { title: 'Trades', align: 'right', dropOrder: 2 },
  { title: 'Parameters', align: 'left', dropOrder: 3 },
];

/** Lines joined by LF, with one at the end. */
export function renderWalkForwardTables(outcome: ShownWalkForward, { width, color }: TerminalOptions): string {
  const bold = (text: string): string => (color ? `\u001b[1m${text}\u001b[22m` : text);
  const room = Math.max(NARROWEST, width);
  const head = toHeadLines(outcome).flatMap((line, index) => toWrappedLines(line, room).map(index === 0 ? bold : (text) => text));
  const rows = outcome.windows.map((window) => toRow(outcome, window));
  const table = toTableLines({ columns: COLUMNS, rows }, room);
  return `${[...head, '', bold('By window'), ...table].join('\n').replaceAll('−', '-')}\n`;
}

function toHeadLines({ windows, stitched }: ShownWalkForward): readonly string[] {
  if (stitched === undefined) return ['No window has a trial with a result that meets the criteria: nothing was tested.'];
  const figures = findMainFigures(stitched);
  const read = (name: string): string => {
    const { text, reason } = toFigureText(figures, name);
    return reason === null ? text : `${text} (${reason})`;
  };
  const tests = stitched.segments.length;
  return [
    `Re-optimising ${formatCount(windows.length)} times would have returned ${read('total_return')} out of sample; buying and holding ${read('benchmark_return')}.`,
    `Max drawdown ${read('max_drawdown')}, Sharpe ${read('sharpe_ratio')}, ${formatCount(stitched.trades.pnl.length)} trades; ${formatCount(stitched.winning_segments)} of ${formatCount(tests)} tests ended higher than they began.`,
    `Walk-forward efficiency ${stitched.efficiency === null ? `- (${stitched.efficiency_reason ?? ''})` : stitched.efficiency.toFixed(2)}: annual return out of sample over in sample.`,
    ...stitched.notes.map((note) => `! ${toTerminalText(note)}`),
  ];
}

function toRow({ stitched }: ShownWalkForward, { number, train, test, best }: ShownWalkForward['windows'][number]): readonly string[] {
  const segment = stitched?.segments.find(({ from_ms: fromMs }) => fromMs === test.fromMs);
  const tested = segment?.figures.metrics['total_return'];
  const params = Object.entries(best?.params ?? {}).map(
    ([name, value]) => `${toTerminalText(name)}=${toTerminalText(formatParameter(value))}`,
  );
  return [
    String(number),
    `${toDay(train.fromMs)}..${toDay(train.toMs)}`,
    `${toDay(test.fromMs)}..${toDay(test.toMs)}`,
    typeof best?.totalReturn === 'number' ? formatReturn(best.totalReturn) : '-',
    typeof tested === 'number' ? formatReturn(tested) : '-',
    segment === undefined ? '-' : formatCount(segment.trades),
    best === undefined ? 'none met the criteria' : params.join(' '),
  ];
}

function toDay(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
