/**
 * A strategy on candles made of rules, as it goes to the engine: a YAML strategy after reading (docs/strategies.md).
 * Conditions are lists in postfix order, like expressions, so that no schema refers to itself.
 * Only the subset of Zod that survives the way to JSON Schema may be used here.
 */
import { z } from 'zod';
import { ScalarSchema, TokenSchema } from './search.ts';

const name = z.string().min(1);

export const CallTokenSchema = z
  .strictObject({ kind: z.literal('call'), name, arguments: z.int().min(0) })
  .meta({ id: 'CallToken', description: 'Takes `arguments` operands from the stack. `name` is a function or `indicator.output`, as in `macd.signal`.' });

export const RuleTokenSchema = z
  .discriminatedUnion('kind', [...TokenSchema.options, CallTokenSchema])
  .meta({ id: 'RuleToken', description: 'One step of an expression over prices, indicators and parameters, in postfix order.' });

export const ExpressionSchema = z
  .strictObject({ text: z.string().min(1), tokens: z.array(RuleTokenSchema).min(1) })
  .meta({ id: 'Expression', description: 'As written, for messages, and in postfix order.' });

/** A number that is given, or an expression of parameters alone such as `${fast} * 2`. */
const value = z.union([z.number(), ExpressionSchema]);
const optionalValue = value.nullable().optional();

export const ThresholdSchema = z
  .strictObject({ operator: z.enum(['<', '<=', '>', '>=', '==', '!=']), value })
  .meta({ id: 'OutputThreshold', description: 'A comparison of a numeric output with a number.' });

export const OutputTestSchema = z
  .strictObject({ output: name, one_of: z.array(z.string()).min(1).nullable().default(null), threshold: ThresholdSchema.nullable().default(null) })
  .meta({ id: 'OutputTest', description: 'What an output of a signal must be: one of these categories, or a number beyond a threshold. Exactly one of both.' });

export const ConditionStepSchema = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('expression'), expression: ExpressionSchema }).meta({ id: 'ExpressionStep', description: 'An expression that is a condition.' }),
    z
      .strictObject({ kind: z.literal('signal'), signal: name, outputs: z.array(OutputTestSchema).default([]), parameters: z.record(z.string(), value).default({}) })
      .meta({ id: 'SignalStep', description: 'Outputs of a signal that must all be as stated; without any: some event, whatever its category.' }),
    z.strictObject({ kind: z.literal('all'), count: z.int().min(1) }).meta({ id: 'AllStep', description: 'Takes the last `count` conditions; holds where all of them do.' }),
    z.strictObject({ kind: z.literal('any'), count: z.int().min(1) }).meta({ id: 'AnyStep', description: 'Takes the last `count` conditions; holds where at least one of them does.' }),
  ])
  .meta({ id: 'ConditionStep', description: 'One step of a condition in postfix order; all steps together leave exactly one condition.' });

const condition = z.array(ConditionStepSchema).min(1).nullable().default(null);

export const StrategyParameterSchema = z
  .strictObject({ name, value: z.union([ScalarSchema, ExpressionSchema]) })
  .meta({ id: 'StrategyParameter', description: 'A parameter and its default; an expression may speak of the parameters before it.' });

export const LadderStepSchema = z
  .strictObject({ profit: value, share: value })
  .meta({ id: 'LadderStep', description: 'A partial exit: at this profit (fraction of the entry price), this share of the units bought.' });
export const SwapRungSchema = z
  .strictObject({ notional: z.number().gt(0), loss_rate: z.number().min(0).lt(1) })
  .meta({ id: 'SwapRung', description: 'Round-trip loss rate of trades up to this notional (quote currency).' });
export const CostsSchema = z
  .discriminatedUnion('type', [
    z
      .strictObject({ type: z.literal('basis_points'), fee_bps: value.optional(), fixed_fee: value.optional(), slippage_bps: value.optional() })
      .meta({ id: 'BasisPointCosts', description: 'Per side: fee of the notional, a fixed fee per fill (money), slippage of the price.' }),
    z
      .strictObject({ type: z.literal('swap'), rungs: z.array(SwapRungSchema).min(1), gas_buy: value, gas_sell: value })
      .meta({ id: 'SwapCosts', description: 'Costs of a decentralised exchange: rungs with rising notionals, and gas in money.' }),
  ])
  .meta({ id: 'SimulationCosts', description: 'What trading costs.' });

/** Every field may be absent: the layer below decides, in the end the engine's default. null switches a rule off. */
export const SimulationSettingsSchema = z
  .strictObject({
    initial_capital: value.optional(),
    entry_fill: z.enum(['next_open', 'signal_close']).optional(),
    intrabar: z.enum(['stop_first', 'target_first']).optional(),
    gap_fill: z.enum(['worse', 'open', 'level']).optional(),
    inside_entry_exits: z.enum(['stop', 'none']).optional(),
    final_close: z.enum(['close', 'leave_open']).optional(),
    directions: z.enum(['long', 'short', 'both']).optional(),
    stop_loss: optionalValue,
    take_profit: optionalValue,
    trailing_stop: optionalValue,
    trailing_activation: value.optional(),
    break_even_trigger: optionalValue,
    break_even_offset: value.optional(),
    max_hold_candles: optionalValue,
    max_hold_s: optionalValue,
    ladder: z.array(LadderStepSchema).optional(),
    scale_in: z.boolean().optional(),
    max_positions: value.optional(),
    partial_close_pct: value.optional(),
    sizing: z.enum(['equity_fraction', 'amount', 'risk_fraction', 'risk_amount', 'units']).optional(),
    size: value.optional(),
    lot_size: value.optional(),
    min_order_value: value.optional(),
    max_position_size: optionalValue,
    costs: CostsSchema.optional(),
    max_drawdown: optionalValue,
    daily_loss_limit: optionalValue,
    order_valid_candles: optionalValue,
  })
  .meta({ id: 'SimulationSettings', description: 'How signals become fills (docs/assumptions.md, strategies on candles). Absent: not said here. null: switched off. Ratios are fractions.' });

const perCandle = ExpressionSchema.nullable().default(null);
export const RuleStrategySchema = z
  .strictObject({
    name,
    parameters: z.array(StrategyParameterSchema).default([]),
    enter_long: condition,
    enter_short: condition,
    exit_long: condition,
    exit_short: condition,
    order_kind: z.enum(['market', 'limit', 'stop']).default('market'),
    order_price: perCandle,
    stop_distance: perCandle,
    target_distance: perCandle,
    simulation: SimulationSettingsSchema.prefault({}),
  })
  .meta({
    id: 'RuleStrategy',
    description:
      'When to enter and leave, by direction; null: never by a rule. `order_price`: of limit and stop orders. `stop_distance`, `target_distance`: in price units, such as `2 * atr(14)`; they replace the fractions. All three are expressions with a value per candle, taken at the signal.',
  });

export const CandleStrategyConfigSchema = z
  .strictObject({
    rules: RuleStrategySchema.nullable().default(null),
    signal_files: z.array(z.string()).default([]),
    defaults: SimulationSettingsSchema.prefault({}),
    overrides: SimulationSettingsSchema.prefault({}),
  })
  .meta({
    id: 'CandleStrategyConfig',
    description:
      'The `config` of a strategy on candles. `rules`: of the strategy `rules`, null for one in Python. Settings win in this order: `overrides`, what the strategy says, `defaults`. `signal_files`: Python files with signals and indicators of the user.',
  });

export type Expression = z.infer<typeof ExpressionSchema>;
export type RuleToken = z.infer<typeof RuleTokenSchema>;
export type ConditionStep = z.infer<typeof ConditionStepSchema>;
export type OutputTest = z.infer<typeof OutputTestSchema>;
export type StrategyParameter = z.infer<typeof StrategyParameterSchema>;
export type SimulationSettings = z.infer<typeof SimulationSettingsSchema>;
export type RuleStrategy = z.infer<typeof RuleStrategySchema>;
export type CandleStrategyConfig = z.infer<typeof CandleStrategyConfigSchema>;
