/** `entry`: when to buy or sell, how much, how often, and with which order. One entry, a list of them, or `long:` and `short:`. */
import type { ConditionStep, Expression } from '@quantbot/core';
import { joinConditions, readCondition } from './read-conditions.ts';
import { readExpression } from './read-expressions.ts';
import {
  complain,
  isMapping,
  readChoice,
  readFields,
  readFlag,
  refuse,
  refuseMissing,
  toItems,
  type Reading,
  type Spot,
} from './reading.ts';
import { readSetting, type Settings } from './settings.ts';

export type Direction = 'long' | 'short';

/** Where a strategy enters, and the orders that it enters with. */
export interface Entries {
  readonly long: ConditionStep[] | null;
  readonly short: ConditionStep[] | null;
  readonly scaleIn: boolean | undefined;
  readonly order: Order | undefined;
}

interface Order {
  readonly kind: 'market' | 'limit' | 'stop';
  readonly price: Expression | undefined;
}

interface OneEntry {
  readonly spot: Spot;
  readonly direction: Direction | undefined;
  readonly steps: ConditionStep[] | undefined;
  readonly scaleIn: boolean | undefined;
  readonly order: Order | undefined;
}

const SHARED = ['size', 'scale_in', 'max_positions', 'order'] as const;

export function readEntries(reading: Reading, spot: Spot | undefined, settings: Settings): Entries {
  const entries = spot === undefined ? [] : toEntries(reading, spot, settings);
  return {
    long: joinDirection(entries, 'long'),
    short: joinDirection(entries, 'short'),
    scaleIn: agree(reading, entries, 'scaleIn'),
    order: agree(reading, entries, 'order'),
  };
}

function toEntries(reading: Reading, spot: Spot, settings: Settings): readonly OneEntry[] {
  const { value } = spot;
  const isByDirection = isMapping(value) && ('long' in value || 'short' in value);
  if (!isByDirection) {
    const items = toItems(spot);
    if (items.length === 0) refuse(reading, spot, 'at least one entry');
    return items.map((item) => readOne(reading, item, { settings, direction: undefined }));
  }
  const {
    long,
    short,
    size,
    max_positions: maxPositions,
    scale_in: scaleIn,
    order,
  } = readFields(reading, spot, ['long', 'short', ...SHARED]);
  readSetting(reading, size, { settings, name: 'size' });
  readSetting(reading, maxPositions, { settings, name: 'max_positions' });
  const shared = { scaleIn: readFlag(reading, scaleIn), order: order && readOrder(reading, order, settings) };
  const sides = [['long', long] as const, ['short', short] as const];
  return sides.flatMap(([direction, own]) => {
    if (own === undefined) return [];
    return toItems(own).map((item) => {
      const entry = readOne(reading, item, { settings, direction });
      return { ...entry, scaleIn: entry.scaleIn ?? shared.scaleIn, order: entry.order ?? shared.order };
    });
  });
}

const ACTIONS: Readonly<Record<string, Direction>> = { buy: 'long', long: 'long', sell: 'short', short: 'short' };

interface Side {
  readonly settings: Settings;
  /** undefined: the action says. */
  readonly direction: Direction | undefined;
}

function readOne(reading: Reading, spot: Spot, { settings, direction }: Side): OneEntry {
  const fields = readFields(reading, spot, ['when', 'action', ...SHARED]);
  const { when, order } = fields;
  readSetting(reading, fields.size, { settings, name: 'size' });
  readSetting(reading, fields.max_positions, { settings, name: 'max_positions' });
  if (isMapping(spot.value) && when === undefined) refuseMissing(reading, spot, 'when: the conditions of the entry');
  return {
    spot,
    direction: readDirection(reading, fields.action, { spot, direction }),
    steps: when && readCondition(reading, when),
    scaleIn: readFlag(reading, fields.scale_in),
    order: order && readOrder(reading, order, settings),
  };
}

/** What the action says, unless the entry stands under `long:` or `short:`; the two must agree. */
function readDirection(
  reading: Reading,
  action: Spot | undefined,
  { spot, direction }: { readonly spot: Spot; readonly direction: Direction | undefined },
): Direction | undefined {
  if (action === undefined) {
    if (isMapping(spot.value) && direction === undefined) refuseMissing(reading, spot, 'action: buy, sell, long or short');
    return direction;
  }
  const given = readChoice(reading, action, Object.keys(ACTIONS));
  const side = given === undefined ? undefined : ACTIONS[given];
  if (side !== undefined && direction !== undefined && side !== direction) refuse(reading, action, `an action that goes ${direction}`);
  return direction ?? side;
}

const ORDER_KINDS = ['market', 'limit', 'stop'] as const;

function readOrder(reading: Reading, spot: Spot, settings: Settings): Order | undefined {
  if (typeof spot.value === 'string') {
    const kind = readChoice(reading, spot, ORDER_KINDS);
    if (kind !== undefined && kind !== 'market') refuse(reading, spot, `a mapping for a ${kind} order: {type: ${kind}, price: close}`);
    return kind && { kind, price: undefined };
  }
  const { type, price, valid_candles: valid } = readFields(reading, spot, ['type', 'price', 'valid_candles']);
  const kind = readChoice(reading, type ?? { ...spot, value: undefined }, ORDER_KINDS);
  readSetting(reading, valid, { settings, name: 'order_valid_candles' });
  checkPrice(reading, { spot, kind, price });
  return kind && { kind, price: price && readExpression(reading, price) };
}

interface WrittenOrder {
  readonly spot: Spot;
  readonly kind: Order['kind'] | undefined;
  readonly price: Spot | undefined;
}

function checkPrice(reading: Reading, { spot, kind, price }: WrittenOrder): void {
  if (kind === 'market' && price !== undefined) refuse(reading, price, 'no price: a market order takes the one it gets');
  if (kind !== 'market' && kind !== undefined && price === undefined)
    refuseMissing(reading, spot, `price: an expression for the price of the ${kind} order`);
}

function joinDirection(entries: readonly OneEntry[], direction: Direction): ConditionStep[] | null {
  const own = entries.filter((entry) => entry.direction === direction);
  return (
    joinConditions(
      'any',
      own.map(({ steps }) => steps),
    ) ?? null
  );
}

/** One account has one rule for all its entries. */
function agree<Field extends 'scaleIn' | 'order'>(reading: Reading, entries: readonly OneEntry[], field: Field): OneEntry[Field] {
  const given = entries.filter((entry) => entry[field] !== undefined);
  const [first] = given;
  const other = given.find((entry) => JSON.stringify(entry[field]) !== JSON.stringify(first?.[field]));
  const written = field === 'scaleIn' ? 'scale_in' : field;
  if (other !== undefined)
    complain(reading, other.spot, { message: `expected the same ${written} in all entries, found another one here` });
  return first?.[field];
}
