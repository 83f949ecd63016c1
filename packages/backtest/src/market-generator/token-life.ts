/** What becomes of a token: the phases of its price, chosen by chance from the kind of life it has. */
import type { Random } from './random.ts';

export type LifeKind = 'pump' | 'runner' | 'bleeder' | 'dead' | 'sideways';

/** A stretch of time with one mood. Rates are per minute. */
export interface Phase {
  readonly mood: 'sideways' | 'pump' | 'collapse' | 'bleed' | 'flat';
  readonly drift: number;
  readonly volatility: number;
  readonly maxMinutes: number;
  /** Ends the phase earlier: price ÷ price at the phase's start. */
  readonly untilMultiple?: number;
  /** Typical volume of a minute, in quote currency. */
  readonly minuteVolume: number;
}

const HOUR = 60;
const DAY = 24 * HOUR;

/** The phases in order. A life ends with its last phase or with the market, whichever comes first. */
export function buildLife(kind: LifeKind, random: Random): readonly Phase[] {
  switch (kind) {
    case 'pump':
      return [...launch(random), ...pumps(random, random.integer(1, 2)), bleed(random, random.between(2, 5) * DAY)];
    case 'runner':
      return [sideways(random, random.between(0.3, 1.5) * DAY), ...pumps(random, random.integer(2, 3)), sideways(random, 30 * DAY)];
    case 'bleeder':
      return [...launch(random), bleed(random, random.between(5, 16) * DAY)];
    case 'dead':
      return [...launch(random), collapse(random, 0.15), bleed(random, random.between(0.3, 2) * DAY), flat(random.between(1, 5) * DAY)];
    case 'sideways':
      return [sideways(random, random.between(8, 30) * DAY)];
  }
}

function launch(random: Random): readonly Phase[] {
  const spike = pump(random, random.between(1.4, 4));
  return [
    { ...spike, drift: spike.drift * 1.5 },
    collapse(random, random.between(0.3, 0.6)),
    sideways(random, random.between(0.3, 2) * DAY),
  ];
}

function pumps(random: Random, count: number): readonly Phase[] {
  return Array.from({ length: count }, () => [
    sideways(random, random.between(0.4, 2.5) * DAY),
    pump(random, random.chance(0.1) ? random.between(4, 9) : random.between(1.7, 3.6)),
    collapse(random, random.between(0.25, 0.7)),
  ]).flat();
}

function sideways(random: Random, maxMinutes: number): Phase {
  return {
    mood: 'sideways',
    drift: -random.between(0, 0.0001),
    volatility: random.between(0.0012, 0.0028),
    maxMinutes,
    minuteVolume: random.between(40, 400),
  };
}

function pump(random: Random, untilMultiple: number): Phase {
  const drift = random.between(0.003, 0.012);
  return {
    mood: 'pump',
    drift,
    volatility: drift * random.between(1.3, 2.6),
    maxMinutes: 14 * HOUR,
    untilMultiple,
    minuteVolume: random.between(2_000, 9_000),
  };
}

function collapse(random: Random, untilMultiple: number): Phase {
  const drift = -random.between(0.004, 0.02);
  return {
    mood: 'collapse',
    drift,
    volatility: -drift * 0.9,
    maxMinutes: 8 * HOUR,
    untilMultiple,
    minuteVolume: random.between(1_000, 6_000),
  };
}

function bleed(random: Random, maxMinutes: number): Phase {
  return {
    mood: 'bleed',
    drift: -random.between(0.00003, 0.0003),
    volatility: random.between(0.002, 0.004),
    maxMinutes,
    minuteVolume: random.between(10, 120),
  };
}

function flat(maxMinutes: number): Phase {
  return { mood: 'flat', drift: 0, volatility: 0, maxMinutes, minuteVolume: 0 };
}
