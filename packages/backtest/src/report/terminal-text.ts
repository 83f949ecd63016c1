/** Text for terminals: how many columns it takes, and tables that stay aligned whatever people call themselves. */

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** East Asian wide and full-width blocks, as ranges of code points. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1b000}-\u{1b2ff}\u{1f200}-\u{1f2ff}\u{20000}-\u{3fffd}]/u;
const EMOJI = /\p{Emoji_Presentation}|\p{Extended_Pictographic}\ufe0f|[#*0-9]\ufe0f?\u20e3/u;
const WIDTHLESS = /^[\p{Mark}\p{Default_Ignorable_Code_Point}]+$/u;
/** Control characters could move the cursor or start an escape sequence; direction marks could reorder a line. */
const UNSAFE = /[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2028\u2029\u2066-\u2069]/gu;

/** Columns that a text takes in a terminal. */
export function toTextWidth(text: string): number {
  let width = 0;
  for (const { segment } of graphemes.segment(text)) {
    if (WIDTHLESS.test(segment)) continue;
    width += EMOJI.test(segment) || WIDE.test(segment) ? 2 : 1;
  }
  return width;
}

/** Text of users made harmless for a terminal: unsafe characters become `?`. */
export function toTerminalText(text: string): string {
  return text.replaceAll(UNSAFE, '?');
}

/** Cut to at most `width` columns, with an ellipsis where something was cut off. */
export function toFittedText(text: string, width: number): string {
  if (toTextWidth(text) <= width) return text;
  let [fitted, used] = ['', 0];
  for (const { segment } of graphemes.segment(text)) {
    const next = toTextWidth(segment);
    if (used + next > width - 1) break;
    fitted += segment;
    used += next;
  }
  return `${fitted}…`;
}

export interface TerminalColumn {
  readonly title: string;
  readonly align: 'left' | 'right';
  /** Columns with the highest number go first when the terminal is narrow; 0 stays always. */
  readonly dropOrder: number;
}

export interface TerminalTable {
  readonly columns: readonly TerminalColumn[];
  readonly rows: readonly (readonly string[])[];
}

const GAP = '  ';
const SHORTEST_FIRST_COLUMN = 8;

/** Lines of an aligned table, title line first, none wider than `width` if the columns allow it. The first column gives way last. */
export function toTableLines({ columns, rows }: TerminalTable, width: number): readonly string[] {
  const widths = columns.map(({ title }, index) => Math.max(toTextWidth(title), ...rows.map((row) => toTextWidth(row[index] ?? ''))));
  const shown = chooseColumns(columns, widths, width);
  const others = shown.slice(1).reduce((sum, index) => sum + GAP.length + (widths[index] ?? 0), 0);
  widths[0] = Math.min(widths[0] ?? 0, Math.max(SHORTEST_FIRST_COLUMN, width - others));
  const toLine = (cells: readonly string[]): string =>
    shown
      .map((index) => pad(toFittedText(cells[index] ?? '', widths[index] ?? 0), widths[index] ?? 0, columns[index]?.align ?? 'left'))
      .join(GAP)
      .trimEnd();
  return [toLine(columns.map(({ title }) => title)), ...rows.map(toLine)];
}

/** Drops columns until the rest fits beside a first column of bearable width. */
function chooseColumns(columns: readonly TerminalColumn[], widths: readonly number[], width: number): readonly number[] {
  let shown = columns.map((_, index) => index);
  const toTotal = (): number =>
    shown.reduce((sum, index) => sum + (index === 0 ? Math.min(20, widths[0] ?? 0) : GAP.length + (widths[index] ?? 0)), 0);
  while (toTotal() > width) {
    const last = shown.reduce((most, index) => Math.max(most, columns[index]?.dropOrder ?? 0), 0);
    if (last === 0) break;
    shown = shown.filter((index) => columns[index]?.dropOrder !== last);
  }
  return shown;
}

function pad(text: string, width: number, align: 'left' | 'right'): string {
  const space = ' '.repeat(Math.max(0, width - toTextWidth(text)));
  return align === 'left' ? text + space : space + text;
}

/** Breaks a text at spaces into lines of at most `width` columns; longer words stay whole. */
export function toWrappedLines(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && toTextWidth(line) + 1 + toTextWidth(word) > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
