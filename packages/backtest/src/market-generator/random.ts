/**
 * Chance from a seed, the same on every machine: integer arithmetic and exact additions only, because Math.log, exp
 * and sin may differ in the last bit between JavaScript engines.
 */

export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** Mean 0, standard deviation 1, within ±6: the sum of twelve uniform numbers (Irwin-Hall). */
  normal(): number;
  /** Uniform in [min, max). */
  between(min: number, max: number): number;
  /** A whole number in [min, max]. */
  integer(min: number, max: number): number;
  /** True with this probability. */
  chance(probability: number): boolean;
  pick<T>(list: readonly T[]): T;
}

/** A stream of its own for each name, so that a change in one token leaves all others as they were. */
export function createRandom(seed: number, stream: string): Random {
  const next = createSfc32(seed, hashName(stream));
  const between = (min: number, max: number): number => min + (max - min) * next();
  const integer = (min: number, max: number): number => min + Math.floor((max - min + 1) * next());
  return {
    next,
    between,
    integer,
    normal: () => {
      let sum = -6;
      for (let draw = 0; draw < 12; draw += 1) sum += next();
      return sum;
    },
    chance: (probability) => next() < probability,
    pick: <T>(list: readonly T[]): T => {
      const chosen = list[integer(0, list.length - 1)];
      if (chosen === undefined) throw new RangeError('cannot pick from an empty list');
      return chosen;
    },
  };
}

/** sfc32 (small fast counting generator, 32 bit, by Chris Doty-Humphrey). The first draws mix the seed and are thrown away. */
function createSfc32(seed: number, stream: number): () => number {
  let a = seed | 0;
  let b = stream | 0;
  let c = 0x9e3779b9 | 0;
  let counter = 1;
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    c |= 0;
    return (sum >>> 0) / 4_294_967_296;
  };
  for (let round = 0; round < 20; round += 1) next();
  return next;
}

/** FNV-1a, 32 bit. */
function hashName(name: string): number {
  let hash = 0x811c9dc5;
  for (const character of name) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return hash;
}
