/** The worked examples that `strategies new` copies into a workspace: files beside this one, written to be read by newcomers. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '@quantbot/core';
import { suggest } from '../strategy-file/nearest-name.ts';

export interface StrategyTemplate {
  readonly name: string;
  readonly kind: 'rules' | 'python';
  readonly summary: string;
}

export const STRATEGY_TEMPLATES: readonly StrategyTemplate[] = [
  { name: 'golden_cross', kind: 'rules', summary: 'a signal, parameters, stop and target: the first one to read' },
  { name: 'death_cross', kind: 'rules', summary: 'the same on the short side' },
  { name: 'rsi_mean_reversion', kind: 'rules', summary: 'rules as expressions, several conditions' },
  { name: 'donchian_regime', kind: 'python', summary: 'breakouts in a trending market, both directions' },
  { name: 'mean_reversion', kind: 'python', summary: 'far from the average in a calm market, sized by risk' },
  { name: 'momentum', kind: 'python', summary: 'holds what has risen, with a trailing stop' },
  { name: 'volatility_breakout', kind: 'python', summary: 'stop orders that wait above a quiet market' },
];

/** Throws STRATEGY_NOT_FOUND with the nearest name. */
export function findTemplate(name: string): StrategyTemplate {
  const names = STRATEGY_TEMPLATES.map((template) => template.name);
  const found = STRATEGY_TEMPLATES.find((template) => template.name === name);
  if (found !== undefined) return found;
  throw new AppError('STRATEGY_NOT_FOUND', `there is no template ${name}; there are ${names.join(', ')}${suggest(name, names)}`);
}

/** File name and text of a new strategy called `name`, made from a template. */
export async function renderTemplate(
  { name: template, kind }: StrategyTemplate,
  name: string,
): Promise<{ readonly fileName: string; readonly text: string }> {
  const extension = kind === 'rules' ? '.yaml' : '.py';
  const text = await readFile(join(import.meta.dirname, `${template}${extension}`), 'utf8');
  // The comments of a template show commands with its name; those should work in the copy too.
  const renamed = text.replaceAll(new RegExp(`(backtest run |^ *name(?:: | = "))${template}\\b`, 'gm'), `$1${name}`);
  return { fileName: `${name}${extension}`, text: renamed.replace(/^class \w+\(/m, `class ${toClassName(name)}(`) };
}

/** `my_strategy` → `MyStrategy`. */
function toClassName(name: string): string {
  return name
    .split(/[_-]/)
    .map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`)
    .join('');
}
