/** `exit`: which signals close a position or a part of it, and which levels (read-levels.ts). */
import type { ConditionStep, Expression } from '@quantbot/core';
import { joinConditions, readCondition } from './read-conditions.ts';
import { readBreakEven, readDistance, readLadder, readTimeLimit, readTrailing, type LadderRung } from './read-levels.ts';
import {
  complain,
  isMapping,
  readChoice,
  readFields,
  readFlag,
  refuseMissing,
  toItems,
  type Fields,
  type Reading,
  type Spot,
} from './reading.ts';
import type { Direction } from './read-entry.ts';
import { readSetting, type Settings } from './settings.ts';

export interface Exits {
  readonly long: ConditionStep[] | null;
  readonly short: ConditionStep[] | null;
  readonly stopDistance: Expression | null;
  readonly targetDistance: Expression | null;
  readonly ladder: readonly LadderRung[] | undefined;
  /** `scale_out`: the target takes a part (`partial_close_pct`) and leaves the rest. */
  readonly scalesOut: boolean;
  /** Whether exit signals close a part only. */
  readonly closesPart: boolean;
}

const KEYS = [
  ...(['signal_exit', 'stop_loss', 'take_profit', 'trailing_stop', 'break_even', 'time_limit', 'ladder', 'scale_out'] as const),
  'partial_close_pct',
] as const;

/** `entered`: directions that the strategy enters; exits without a direction of their own hold for all of these. */
export function readExits(
  reading: Reading,
  spot: Spot | undefined,
  { settings, entered }: { readonly settings: Settings; readonly entered: readonly Direction[] },
): Exits {
  const fields = readFields(reading, spot, KEYS);
  readSetting(reading, fields.partial_close_pct, { settings, name: 'partial_close_pct' });
  readTrailing(reading, fields.trailing_stop, settings);
  readBreakEven(reading, fields.break_even, settings);
  readTimeLimit(reading, fields.time_limit, settings);
  const signals = fields.signal_exit === undefined ? [] : readSignalExits(reading, fields.signal_exit, settings);
  const scalesOut = readFlag(reading, fields.scale_out) ?? false;
  const exits = {
    long: joinSide(reading, signals, { side: 'long', entered }),
    short: joinSide(reading, signals, { side: 'short', entered }),
    stopDistance: readDistance(reading, fields.stop_loss, { settings, name: 'stop_loss' }),
    targetDistance: readDistance(reading, fields.take_profit, { settings, name: 'take_profit' }),
    ladder: fields.ladder && readLadder(reading, fields.ladder),
    scalesOut,
    closesPart: checkActions(reading, signals),
  };
  checkParts(reading, fields, { exits, settings });
  return exits;
}

interface SignalExit {
  readonly spot: Spot;
  readonly direction: Direction | undefined;
  readonly steps: ConditionStep[] | undefined;
  readonly action: 'close_all' | 'close_partial';
}

function readSignalExits(reading: Reading, spot: Spot, settings: Settings): readonly SignalExit[] {
  const isByDirection = isMapping(spot.value) && ('long' in spot.value || 'short' in spot.value);
  if (!isByDirection) return toItems(spot).map((item) => readSignalExit(reading, item, { settings, direction: undefined }));
  const { long, short } = readFields(reading, spot, ['long', 'short']);
  const toExits = (own: Spot | undefined, direction: Direction): readonly SignalExit[] =>
    own === undefined ? [] : toItems(own).map((item) => readSignalExit(reading, item, { settings, direction }));
  return [...toExits(long, 'long'), ...toExits(short, 'short')];
}

function readSignalExit(
  reading: Reading,
  spot: Spot,
  { settings, direction }: { readonly settings: Settings; readonly direction: Direction | undefined },
): SignalExit {
  const {
    when,
    action,
    direction: side,
    partial_close_pct: share,
  } = readFields(reading, spot, ['when', 'action', 'direction', 'partial_close_pct']);
  readSetting(reading, share, { settings, name: 'partial_close_pct' });
  if (isMapping(spot.value) && when === undefined) refuseMissing(reading, spot, 'when: the conditions of the exit');
  const written = readChoice(reading, side, ['long', 'short', 'both']);
  return {
    spot,
    direction: direction ?? (written === 'both' ? undefined : written),
    steps: when && readCondition(reading, when),
    action: readChoice(reading, action, ['close_all', 'close_partial']) ?? 'close_all',
  };
}

function joinSide(
  reading: Reading,
  exits: readonly SignalExit[],
  { side, entered }: { readonly side: Direction; readonly entered: readonly Direction[] },
): ConditionStep[] | null {
  if (!entered.includes(side)) {
    const lost = exits.find(({ direction }) => direction === side);
    if (lost !== undefined && entered.length > 0)
      complain(reading, lost.spot, { message: `the strategy never goes ${side}: there is nothing to leave` });
    return null;
  }
  const own = exits.filter(({ direction }) => direction === undefined || direction === side);
  return (
    joinConditions(
      'any',
      own.map(({ steps }) => steps),
    ) ?? null
  );
}

function checkActions(reading: Reading, exits: readonly SignalExit[]): boolean {
  const [first] = exits;
  const other = exits.find(({ action }) => action !== first?.action);
  if (other !== undefined)
    complain(reading, other.spot, { message: 'expected the same action in all exits by signal, found another one here' });
  return first?.action === 'close_partial';
}

type Given = Fields<(typeof KEYS)[number]>;

/** A share to close needs somebody who closes it, and the other way round. */
function checkParts(
  reading: Reading,
  { partial_close_pct: share, scale_out: scaleOut, signal_exit: signalExit }: Given,
  { exits, settings }: { readonly exits: Exits; readonly settings: Settings },
): void {
  const hasShare = settings.has('partial_close_pct');
  if (share !== undefined && !exits.scalesOut && !exits.closesPart) {
    const message = 'nothing closes a part: add scale_out: true (at the target) or action: close_partial (at the exit signal)';
    complain(reading, share, { message });
  }
  if (signalExit !== undefined && exits.closesPart && !hasShare)
    complain(reading, signalExit, { message: 'close_partial needs partial_close_pct: the share to close, such as 0.5' });
  const closesAtTarget = exits.scalesOut && exits.ladder === undefined && !exits.closesPart;
  if (scaleOut !== undefined && closesAtTarget) checkScaleOut(reading, scaleOut, settings);
}

function checkScaleOut(reading: Reading, spot: Spot, settings: Settings): void {
  if (!settings.has('partial_close_pct'))
    complain(reading, spot, { message: 'scale_out needs partial_close_pct, the share to close at the target, or a ladder' });
  if ((settings.get('take_profit') ?? null) === null)
    complain(reading, spot, { message: 'scale_out needs a take_profit in percent, where the part is closed, or a ladder' });
}
