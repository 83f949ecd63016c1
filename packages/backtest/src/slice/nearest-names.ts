/** The known names that somebody who mistyped one may have meant. */

const MOST = 3;

/** Nearest first; those that differ in more than a third of their letters are left out. Case and separators do not count. */
export function findNearestNames(asked: string, known: readonly string[]): readonly string[] {
  const wanted = toLetters(asked);
  const limit = Math.max(1, Math.floor(wanted.length / 3));
  return known
    .map((name) => ({ name, distance: countEdits(wanted, toLetters(name)) }))
    .filter(({ distance }) => distance <= limit)
    .sort((a, b) => a.distance - b.distance)
    .slice(0, MOST)
    .map(({ name }) => name);
}

/** `EUR-USD`, `EUR_USD`, `eur/usd` and `EURUSD` are the same letters. */
export function toLetters(name: string): string {
  return name.toUpperCase().replaceAll(/[-_/\s]/g, '');
}

/** Levenshtein distance: letters to insert, remove or replace. */
function countEdits(from: string, to: string): number {
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const replaced = (previous[column - 1] ?? 0) + (from[row - 1] === to[column - 1] ? 0 : 1);
      current.push(Math.min(replaced, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[to.length] ?? 0;
}
