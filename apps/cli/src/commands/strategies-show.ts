/** `quantbot strategies show`: parameters, search space, rules and warm-up of one strategy, after all defaults. */
import {
  describeStrategy,
  formatParameter,
  loadStrategy,
  toConditionLines,
  toRuleAssumptions,
  toTableLines,
  toTerminalText,
  type LoadedStrategy,
} from '@quantbot/backtest';
import type { Parameter, StrategyDescription } from '@quantbot/core';
import type { Command } from 'commander';
import { withEngine, type CliContext, type CommonFlags } from '../context.ts';
import { readConfig } from '../workspace/config.ts';
import { findWorkspace } from '../workspace/workspace.ts';
import { createCommand } from './command.ts';

/** Even with everything to compile, a file that does not end within this time does not end. */
const DESCRIBE_TIMEOUT_MS = 120_000;

interface Shown {
  readonly strategy: LoadedStrategy;
  readonly description: StrategyDescription;
}

export function createStrategiesShowCommand(context: CliContext): Command {
  return createCommand('show', 'Parameters, what a study searches, rules in words, warm-up, source hash', [
    'quantbot strategies show golden_cross',
    'quantbot strategies show donchian_regime --json',
  ])
    .argument('<name>', 'name of a strategy in strategies/, or a file')
    .option('--json', 'as JSON')
    .action(async (name: string, flags: CommonFlags & { readonly json?: boolean }) => {
      await withEngine(context, { ...flags, engineTimeoutMs: DESCRIBE_TIMEOUT_MS }, async ({ engine, interrupt }) => {
        const { strategiesDir, configPath } = await findWorkspace(flags.workspace, context.cwd);
        const strategy = await loadStrategy({ strategiesDir, engine, pathsFrom: context.cwd }, name);
        const { backtest: defaults = {} } = await readConfig(configPath);
        const description = await describeStrategy(engine, { strategy, defaults, overrides: {} }, { signal: interrupt.signal });
        const shown = { strategy, description };
        context.stdout.write(
          flags.json === true ? `${JSON.stringify(toDocument(shown))}\n` : renderShown(shown, context.stdout.columns || 100),
        );
      });
    });
}

function toDocument({ strategy, description }: Shown): Readonly<Record<string, unknown>> {
  const { linkedParameters, unusedParameters, sourceHash, space } = strategy;
  // What a strategy in YAML searches stands in its file, of which the engine sees the rules alone.
  return { ...description, space, linked_parameters: linkedParameters, unused_parameters: unusedParameters, source_hash: sourceHash };
}

function renderShown(shown: Shown, width: number): string {
  const { strategy, description } = shown;
  const { name, summary, warm_up_candles: warmUp } = description;
  const facts = [
    `${toTerminalText(name)}: ${toTerminalText(strategy.description || summary)}`,
    `file         ${toTerminalText(strategy.path)}`,
    `source hash  ${strategy.sourceHash}`,
    `warm-up      ${warmUp === null ? 'decided by the strategy' : `${String(warmUp)} candles`}`,
  ];
  const blocks = [facts, renderParameters(shown, width), renderConditions(shown), renderRules(description, width)];
  return `${blocks
    .filter((block) => block.length > 0)
    .map((block) => block.join('\n'))
    .join('\n\n')}\n`;
}

function renderParameters({ strategy, description }: Shown, width: number): readonly string[] {
  const names = Object.keys(description.parameters);
  if (names.length === 0) return [];
  const columns = [
    { title: 'Parameter', align: 'left', dropOrder: 0 },
    { title: 'Value', align: 'right', dropOrder: 0 },
    { title: 'A study searches', align: 'left', dropOrder: 1 },
    { title: 'Remark', align: 'left', dropOrder: 2 },
  ] as const;
  const rows = names.map((name) => {
    const axis = strategy.space.find((parameter) => parameter.name === name);
    return [
      name,
      formatParameter(description.parameters[name]),
      axis === undefined ? '' : describeAxis(axis),
      toRemark(strategy, name),
    ].map(toTerminalText);
  });
  return toTableLines({ columns, rows }, width);
}

function toRemark({ linkedParameters, unusedParameters }: LoadedStrategy, name: string): string {
  if (linkedParameters.includes(name)) return 'tied to the setting of this name, which has the same value';
  return unusedParameters.includes(name) ? 'nothing looks at it' : '';
}

function describeAxis(axis: Parameter): string {
  switch (axis.kind) {
    case 'categorical':
      return axis.values.map(formatParameter).join(', ');
    case 'range':
      return `${formatParameter(axis.start)} to ${formatParameter(axis.start + (axis.count - 1) * axis.step)} by ${formatParameter(axis.step)}`;
    case 'int':
    case 'float':
      return `${formatParameter(axis.low)} to ${formatParameter(axis.high)}${axis.log ? ', logarithmic' : ''}`;
  }
}

/** `${fast}` alone would send the reader back to the table: `fast=10`. */
function renderConditions({ strategy: { reference }, description: { parameters } }: Shown): readonly string[] {
  const show = (whole: string, name: string): string =>
    Object.hasOwn(parameters, name) ? `${name}=${formatParameter(parameters[name])}` : whole;
  return toConditionLines(reference).map((line) => toTerminalText(line.replaceAll(/\$\{\s*(\w+)\s*\}/g, show)));
}

function renderRules({ rules }: StrategyDescription, width: number): readonly string[] {
  const columns = [
    { title: 'Rule', align: 'left', dropOrder: 0 },
    { title: 'Value', align: 'left', dropOrder: 0 },
  ] as const;
  const rows = toRuleAssumptions(rules).map(({ option, value }) => [option, toTerminalText(value)]);
  return rows.length === 0 ? [] : toTableLines({ columns, rows }, width);
}
