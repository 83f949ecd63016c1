import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SliceRef } from '@quantbot/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkCandleStrategy, writeInventedSlice } from '../candle-backtest/check-candle-strategy.ts';
import { describeStrategy } from '../candle-backtest/describe-strategy.ts';
import { toEngineStrategy } from '../candle-backtest/engine-strategy.ts';
import { PythonEngine } from '../engine/python-engine.ts';
import { loadStrategy } from '../strategy-file/load-strategy.ts';
import { findTemplate, renderTemplate, STRATEGY_TEMPLATES } from './templates.ts';

const NO_SETTINGS = { defaults: {}, overrides: {} };

describe('the worked examples', () => {
  let dir: string;
  let slice: SliceRef;
  const engine = new PythonEngine();
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'quantbot-templates-test-'));
    slice = await writeInventedSlice(join(dir, 'slices'));
  });
  afterAll(async () => {
    engine.close();
    await rm(dir, { recursive: true, force: true });
  });

  it.each(STRATEGY_TEMPLATES.map(({ name }) => name))('%s trades, leaves by its own rules, and does not look ahead', async (template) => {
    const name = `my_${template}`;
    const { fileName, text } = await renderTemplate(findTemplate(template), name);
    await writeFile(join(dir, fileName), text);
    const strategy = await loadStrategy({ strategiesDir: dir, engine }, name);
    expect(strategy).toMatchObject({ name, unusedParameters: [] });
    expect(strategy.description).not.toBe('');

    const description = await describeStrategy(engine, { strategy, ...NO_SETTINGS });
    expect(Object.keys(description.parameters).length).toBeGreaterThan(2);
    const check = await checkCandleStrategy(engine, { strategy, ...NO_SETTINGS, slice, params: {} });
    expect(check.findings).toEqual([]);

    const { result } = await engine.run({ operation: 'backtest', strategy: toEngineStrategy(strategy, NO_SETTINGS), slice });
    expect(result.trades.reason.length).toBeGreaterThan(5);
    expect(result.trades.reason.filter((reason) => !['end_of_data', 'open'].includes(reason)).length).toBeGreaterThan(0);
    // An example should not ask for money that is not there.
    expect(result.shortfall_counts['insufficient_cash'] ?? 0).toBe(0);
  });

  it('are found by name, with a hint for a slip', () => {
    expect(() => findTemplate('momentun')).toThrow(/there is no template momentun; .*did you mean momentum/);
  });
});
