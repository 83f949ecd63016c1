/** The callers of the market, each with a habit: when and about which tokens he speaks up. */
import { createRandom, type Random } from './random.ts';
import type { MarketSpan, Token } from './tokens.ts';

export interface GeneratedCall {
  /** Unix seconds. */
  readonly callTs: number;
  readonly caller: string;
  readonly token: string;
}

interface Habit {
  readonly caller: string;
  readonly calls: number;
  /** Tried in order of the draw: the share of calls that each way of choosing gets; what is left is said at random. */
  readonly ways: readonly (readonly [Way, number])[];
}

type Way = 'before_pump' | 'into_pump' | 'at_top' | 'at_launch' | 'after_death' | 'unlisted';

const HABITS: readonly Habit[] = [
  // Early and good: most calls come before a run.
  { caller: 'early_bird', calls: 62, ways: [['before_pump', 0.36]] },
  { caller: 'patient_hunter', calls: 44, ways: [['before_pump', 0.28]] },
  {
    caller: 'launch_radar',
    calls: 58,
    ways: [
      ['at_launch', 0.4],
      ['before_pump', 0.1],
    ],
  },
  // In the middle: sees the run when it has begun.
  { caller: 'momentum_rider', calls: 70, ways: [['into_pump', 0.4]] },
  // Late and bad, or paid to find the last buyer.
  {
    caller: 'late_to_party',
    calls: 64,
    ways: [
      ['at_top', 0.5],
      ['into_pump', 0.2],
    ],
  },
  { caller: 'paid_promoter', calls: 48, ways: [['at_top', 0.9]] },
  // Says everything, knows nothing.
  {
    caller: 'spray_and_pray',
    calls: 150,
    ways: [
      ['before_pump', 0.01],
      ['unlisted', 0.05],
    ],
  },
  { caller: 'coin_flipper', calls: 52, ways: [['unlisted', 0.08]] },
  { caller: 'graveyard_shift', calls: 26, ways: [['after_death', 1]] },
  // Too few to judge.
  { caller: 'one_hit_wonder', calls: 3, ways: [['before_pump', 1]] },
];

const MINUTE_S = 60;

/** All calls, in order of time; ties in order of the callers. */
export function buildCalls(seed: number, tokens: readonly Token[], span: MarketSpan): readonly GeneratedCall[] {
  const calls = HABITS.flatMap((habit) => {
    const random = createRandom(seed, `caller ${habit.caller}`);
    return Array.from({ length: habit.calls }, (): GeneratedCall => ({
      caller: habit.caller,
      ...chooseMoment(drawWay(habit, random), tokens, random),
    }));
  });
  // Nobody recommends the same token twice in one second: a call that was drawn twice is one call.
  const distinct = new Map(calls.map((call) => [`${call.caller} ${call.token} ${String(call.callTs)}`, call]));
  return [...distinct.values()].filter(({ callTs }) => callTs < span.endS).sort((a, b) => a.callTs - b.callTs);
}

function drawWay(habit: Habit, random: Random): Way | undefined {
  let left = random.next();
  for (const [way, share] of habit.ways) {
    left -= share;
    if (left < 0) return way;
  }
  return undefined;
}

function chooseMoment(way: Way | undefined, tokens: readonly Token[], random: Random): { token: string; callTs: number } {
  const listed = tokens.filter(({ candles }) => candles.length > 0);
  switch (way) {
    case 'before_pump':
      return chooseAroundPump(listed, random, (pump) => pump.startS - random.integer(2, 50) * MINUTE_S);
    case 'into_pump':
      return chooseAroundPump(listed, random, (pump) => pump.startS + Math.floor((pump.peakS - pump.startS) * random.between(0.1, 0.7)));
    case 'at_top':
      return chooseAroundPump(listed, random, (pump) => pump.peakS + random.integer(-15, 20) * MINUTE_S);
    case 'at_launch':
      return chooseSpan(listed, random, ({ from }) => from + random.integer(0, 25) * MINUTE_S);
    case 'after_death':
      return chooseSpan(
        listed.filter(({ diedS }) => diedS !== undefined),
        random,
        ({ diedS, to }) => Math.floor(random.between(diedS ?? to, to)),
      );
    case 'unlisted':
      return { ...chooseSpan(listed, random, ({ from, to }) => Math.floor(random.between(from, to))), token: pickUnlisted(tokens, random) };
    case undefined:
      return chooseSpan(listed, random, ({ from, to }) => Math.floor(random.between(from, to)));
  }
}

function chooseAroundPump(
  tokens: readonly Token[],
  random: Random,
  toMoment: (pump: Token['pumps'][number]) => number,
): { token: string; callTs: number } {
  // The first run of a launched token begins with its first candle: nobody can be early there.
  const known = tokens.flatMap((token) =>
    token.pumps.filter(({ startS }) => startS > (token.candles[0]?.timestamp ?? 0)).map((pump) => ({ token: token.name, pump })),
  );
  const { token, pump } = random.pick(known);
  return { token, callTs: toMoment(pump) };
}

function chooseSpan(
  tokens: readonly Token[],
  random: Random,
  toMoment: (life: { from: number; to: number; diedS: number | undefined }) => number,
): { token: string; callTs: number } {
  const token = random.pick(tokens);
  const from = token.candles[0]?.timestamp ?? 0;
  const to = token.candles.at(-1)?.timestamp ?? 0;
  return { token: token.name, callTs: toMoment({ from, to, diedS: token.diedS }) };
}

function pickUnlisted(tokens: readonly Token[], random: Random): string {
  return random.pick(tokens.filter(({ candles }) => candles.length === 0)).name;
}
