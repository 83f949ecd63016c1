/** Which missing candles are no gap of the data: those at hours of the week at which the market is closed as a rule, found in the candles themselves. */

const WEEK_S = 604_800;
/** In fewer weeks nothing can be called a rule. */
const FEWEST_WEEKS = 4;
/** An opening of the week that fewer weeks than this share have is one at which the market is closed: nights and weekends. */
const OPEN_SHARE = 0.25;

/** How many candles are missing between the first and the last because the market is closed then; 0 where the data is too short to tell. */
export function countUsuallyClosed(timestamp: BigInt64Array, intervalS: number): number {
  const [firstS, lastS] = [Number(timestamp[0] ?? 0n), Number(timestamp.at(-1) ?? 0n)];
  const openings = Math.floor(WEEK_S / intervalS);
  if (openings < 2 || lastS - firstS < FEWEST_WEEKS * WEEK_S) return 0;
  const toOpening = (stampS: number): number => Math.min(openings - 1, Math.floor((stampS % WEEK_S) / intervalS));
  const found = new Uint32Array(openings);
  for (const stamp of timestamp) {
    const opening = toOpening(Number(stamp));
    found[opening] = (found[opening] ?? 0) + 1;
  }
  const isClosed = Array.from(found, (count) => count < (OPEN_SHARE * (lastS - firstS)) / WEEK_S);
  let closed = 0;
  for (let row = 1; row < timestamp.length; row += 1) {
    const next = Number(timestamp[row]);
    for (let missing = Number(timestamp[row - 1]) + intervalS; missing < next; missing += intervalS) {
      if (isClosed[toOpening(missing)] === true) closed += 1;
    }
  }
  return closed;
}
