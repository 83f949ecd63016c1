/** Levels that end a position: stop, target, trailing, break-even, time, ladder. Distances in price units become expressions per candle. */
import type { Expression } from '@quantbot/core';
import { keep, readExpression, readValue, toExpression, type Value } from './read-expressions.ts';
import { isMapping, readChoice, readFields, refuse, refuseMissing, toItems, type Reading, type Spot } from './reading.ts';
import { readSetting, type SettingName, type Settings } from './settings.ts';

export interface LadderRung {
  readonly profit: Value;
  readonly share: Value;
}

const DISTANCE_TYPES = ['percentage', 'atr', 'price'] as const;
const DEFAULT_ATR_PERIOD = 14;

/** A stop or target: a fraction of the entry price becomes a setting, a distance in price units is given back. */
export function readDistance(
  reading: Reading,
  spot: Spot | undefined,
  target: { readonly settings: Settings; readonly name: 'stop_loss' | 'take_profit' },
): Expression | null {
  if (spot === undefined) return null;
  if (!isMapping(spot.value)) {
    readSetting(reading, spot, target);
    return null;
  }
  const { type, value, period } = readFields(reading, spot, ['type', 'value', 'period']);
  const kind = readChoice(reading, type, DISTANCE_TYPES) ?? 'percentage';
  if (value === undefined) {
    refuseMissing(reading, spot, 'value: the number of the stop or target');
    return null;
  }
  if (kind === 'percentage') {
    if (period !== undefined) refuse(reading, period, 'no period: it belongs to type: atr');
    readSetting(reading, value, target);
    return null;
  }
  reading.places.field.set(toDistanceName(target.name), value);
  if (kind === 'price') return readExpression(reading, value) ?? null;
  return readAtrDistance(reading, { spot, value, period });
}

function toDistanceName(name: 'stop_loss' | 'take_profit'): string {
  return name === 'stop_loss' ? 'stop_distance' : 'target_distance';
}

function readAtrDistance(
  reading: Reading,
  { spot, value, period }: { readonly spot: Spot; readonly value: Spot; readonly period: Spot | undefined },
): Expression | null {
  const factor = readValue(reading, value);
  const length = period === undefined ? DEFAULT_ATR_PERIOD : readValue(reading, period);
  if (factor === undefined || length === undefined) return null;
  if (typeof factor === 'number' && factor <= 0) {
    refuse(reading, value, 'a multiple of the average true range above 0');
    return null;
  }
  const [multiple, atrPeriod] = [toExpression(factor), toExpression(length)];
  const text = `${bracket(multiple)} * atr(${atrPeriod.text})`;
  const call = { kind: 'call', name: 'atr', arguments: 1 } as const;
  return keep(reading, spot, {
    text,
    tokens: [...multiple.tokens, ...atrPeriod.tokens, call, { kind: 'operator', operator: '*' }],
  });
}

function bracket({ text, tokens }: Expression): string {
  return tokens.length === 1 ? text : `(${text})`;
}

export function readTrailing(reading: Reading, spot: Spot | undefined, settings: Settings): void {
  if (spot === undefined) return;
  if (!isMapping(spot.value)) {
    readSetting(reading, spot, { settings, name: 'trailing_stop' });
    return;
  }
  const { activation_pct: activation, trail_pct: trail } = readFields(reading, spot, ['activation_pct', 'trail_pct']);
  if (trail === undefined) refuseMissing(reading, spot, 'trail_pct: how far the stop follows the best price, as a fraction');
  readSetting(reading, trail, { settings, name: 'trailing_stop' });
  readSetting(reading, activation, { settings, name: 'trailing_activation' });
}

export function readBreakEven(reading: Reading, spot: Spot | undefined, settings: Settings): void {
  if (spot === undefined) return;
  if (!isMapping(spot.value)) {
    readSetting(reading, spot, { settings, name: 'break_even_trigger' });
    return;
  }
  const { trigger_pct: trigger, offset_pct: offset } = readFields(reading, spot, ['trigger_pct', 'offset_pct']);
  if (trigger === undefined) refuseMissing(reading, spot, 'trigger_pct: the profit from which the stop lies at the entry price');
  readSetting(reading, trigger, { settings, name: 'break_even_trigger' });
  readSetting(reading, offset, { settings, name: 'break_even_offset' });
}

export function readTimeLimit(reading: Reading, spot: Spot | undefined, settings: Settings): void {
  if (spot === undefined) return;
  const { candles, hours } = readFields(reading, spot, ['candles', 'hours']);
  if (isMapping(spot.value) && candles === undefined && hours === undefined) refuseMissing(reading, spot, 'candles or hours');
  const limits: readonly (readonly [Spot | undefined, SettingName])[] = [
    [candles, 'max_hold_candles'],
    [hours, 'max_hold_hours'],
  ];
  for (const [own, name] of limits) readSetting(reading, own, { settings, name });
}

export function readLadder(reading: Reading, spot: Spot): readonly LadderRung[] {
  if (!Array.isArray(spot.value)) {
    refuse(reading, spot, 'a list of partial exits: [{profit: 0.02, share: 0.5}]');
    return [];
  }
  reading.places.field.set('ladder', spot);
  return toItems(spot).flatMap((item) => {
    const { profit, share } = readFields(reading, item, ['profit', 'share']);
    if (profit === undefined || share === undefined) {
      refuse(reading, item, 'profit and share, as fractions');
      return [];
    }
    const [level, part] = [readValue(reading, profit), readValue(reading, share)];
    return level === undefined || part === undefined ? [] : [{ profit: level, share: part }];
  });
}
