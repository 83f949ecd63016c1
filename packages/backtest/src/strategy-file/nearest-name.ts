/** "did you mean X": the known name that is fewest typing errors away. */

/** A name with more errors than this share of its length was not meant. */
const MOST_ERRORS = 0.4;
const MAX_LENGTH = 100;

/** `; did you mean ma_crossover`, or nothing if no known name is near. */
export function suggest(name: string, known: Iterable<string>): string {
  const [nearest] = findNearest(name, known, 1);
  return nearest === undefined ? '' : `; did you mean ${nearest}`;
}

/** The nearest known names, nearest first; of equally near ones in the order given. Letter case, hyphens and underscores are no errors. */
export function findNearest(name: string, known: Iterable<string>, count: number): readonly string[] {
  const written = toComparable(name);
  const ranked = [...known].map((candidate) => ({ candidate, errors: countErrors(written, toComparable(candidate)) }));
  return ranked
    .filter(({ candidate, errors }) => errors <= Math.max(1, MOST_ERRORS * Math.min(written.length, candidate.length)))
    .sort((a, b) => a.errors - b.errors)
    .slice(0, count)
    .map(({ candidate }) => candidate);
}

function toComparable(name: string): string {
  return name.slice(0, MAX_LENGTH).toLowerCase().replaceAll('-', '_');
}

/** Insertions, deletions, replacements, and neighbours that changed places. */
function countErrors(written: string, known: string): number {
  let beforeLast: readonly number[] = [];
  let last: readonly number[] = Array.from({ length: known.length + 1 }, (_, column) => column);
  for (let row = 1; row <= written.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= known.length; column += 1) {
      const [left = 0, above = 0, diagonal = 0] = [current[column - 1], last[column], last[column - 1]];
      const cost = Math.min(left + 1, above + 1, diagonal + (written[row - 1] === known[column - 1] ? 0 : 1));
      const hasSwapped = row > 1 && column > 1 && isSwap(written.slice(row - 2, row), known.slice(column - 2, column));
      current.push(hasSwapped ? Math.min(cost, (beforeLast[column - 2] ?? 0) + 1) : cost);
    }
    [beforeLast, last] = [last, current];
  }
  return last[known.length] ?? 0;
}

function isSwap(one: string, other: string): boolean {
  return one.charAt(0) === other.charAt(1) && one.charAt(1) === other.charAt(0);
}
