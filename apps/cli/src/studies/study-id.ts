/** Ids of studies: the day in UTC and six random characters, short enough to read aloud. */
import { randomInt } from 'node:crypto';

/** Without characters that are mistaken for each other. */
const ALPHABET = '23456789abcdefghjkmnpqrstvwxyz';
const RANDOM_CHARACTERS = 6;

/** `20260131-k3f9ab`. */
export function createStudyId(nowMs: number): string {
  const day = new Date(nowMs).toISOString().slice(0, 10).replaceAll('-', '');
  const random = Array.from({ length: RANDOM_CHARACTERS }, () => ALPHABET[randomInt(ALPHABET.length)] ?? '').join('');
  return `${day}-${random}`;
}

/** Whole, and small enough for every tool that may be given it. */
export function createSeed(): number {
  return randomInt(2 ** 31);
}
