import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PythonEngine } from '../engine/python-engine.ts';
import { checkParameters } from './check-parameters.ts';
import { findStrategies, loadStrategy, type StrategyRoom } from './load-strategy.ts';
import { readRuleStrategy } from './read-rule-strategy.ts';

const toYaml = (name: string, when = 'close > open'): string => `name: ${name}\nentry: {when: "${when}", action: buy}\n`;

const BREAKOUT = `
from quantbot_engine.strategies.candle_strategy import CandleStrategy, Int

class Breakout(CandleStrategy):
    """Buys above the highest high."""
    name = "channel_breakout"

    def parameter_space(self):
        return {"period": Int(10, 50, default=20)}

    def indicators(self, candles, params):
        return {"highest": candles.indicator("highest", period=params["period"])}

    def signals(self, candles, indicators, params):
        return {"enter_long": candles.high >= indicators["highest"]}
`;

let root: string;
let room: StrategyRoom;
const engine = new PythonEngine();
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'quantbot-strategies-test-'));
  const strategiesDir = join(root, 'strategies');
  room = { strategiesDir, engine };
  await mkdir(join(strategiesDir, 'signals'), { recursive: true });
  const write = (name: string, text: string): Promise<void> => writeFile(join(strategiesDir, name), text);
  await write('test-cross.yaml', toYaml('golden_cross'));
  await write('one.yaml', toYaml('twin'));
  await write('two.yml', toYaml('twin'));
  await write('broken.yaml', 'name: broken\nentry: {when: close >, action: buy}\n');
  await write('breakout.py', BREAKOUT);
  await write('crash.py', 'raise ValueError("not today")\n');
  await write(
    'signals/near_low.py',
    'from quantbot_engine.rules.signals.signal import signal\n\n@signal("near_low", outputs={})\ndef f(c, p): ...\n',
  );
  await writeFile(join(root, 'outside.yaml'), toYaml('outside'));
  await symlink(join(root, 'outside.yaml'), join(strategiesDir, 'link.yaml'));
});
afterAll(async () => {
  engine.close();
  await rm(root, { recursive: true, force: true });
});

describe('a strategy of the workspace', () => {
  it.each(['golden_cross', 'golden-cross', 'test-cross', 'test_cross', 'test-cross.yaml'])('is found as %s', async (name) => {
    expect(await loadStrategy(room, name)).toMatchObject({
      name: 'golden_cross',
      kind: 'rules',
      path: join(room.strategiesDir, 'test-cross.yaml'),
    });
  });

  it.each(['breakout', 'channel-breakout', 'breakout.py'])('in Python is found as %s, with its search space', async (name) => {
    expect(await loadStrategy(room, name)).toMatchObject({
      name: 'channel_breakout',
      kind: 'python',
      description: 'Buys above the highest high.',
      parameters: { period: 20 },
      space: [{ kind: 'int', name: 'period', low: 10, high: 50 }],
      reference: { name: 'channel_breakout', files: [join(room.strategiesDir, 'breakout.py')] },
    });
  });

  it('that is not there is answered with the nearest names', async () => {
    const error = { code: 'STRATEGY_NOT_FOUND', message: expect.stringContaining('did you mean golden_cross') as string };
    await expect(loadStrategy(room, 'goldn_cross')).rejects.toMatchObject(error);
  });

  it('whose name two files have is refused with both', async () => {
    await expect(loadStrategy(room, 'twin')).rejects.toThrow('several strategies are called twin: one.yaml, two.yml');
  });

  it.each(['../outside.yaml', '/etc/passwd', '..', 'link', 'outside', 'signals/near_low.py'])(
    'does not lead out of its folder: %s',
    async (name) => {
      await expect(loadStrategy(room, name)).rejects.toMatchObject({ code: 'STRATEGY_NOT_FOUND' });
    },
  );

  it('may be a path where the caller says from where', async () => {
    expect(await loadStrategy({ ...room, pathsFrom: root }, './outside.yaml')).toMatchObject({ name: 'outside' });
    await expect(loadStrategy({ ...room, pathsFrom: root }, './nowhere.yaml')).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
  });

  it('that is broken is shown with its place, and harms no other', async () => {
    const { strategies, problems } = await findStrategies(room);
    expect(strategies.map(({ name }) => name)).toEqual(['twin', 'golden_cross', 'twin', 'channel_breakout']);
    expect(problems.map(({ error }) => error.message)).toEqual([
      expect.stringContaining('broken.yaml:2:22: entry.when: expected a number'),
      expect.stringContaining('not today'),
      expect.stringContaining('two.yml: expected a name of its own, one.yaml is called twin too'),
    ]);
  });

  it('that has the name of another, be it in Python, is shown as a problem; the name alone means the one in YAML', async () => {
    const path = join(room.strategiesDir, 'same.yaml');
    await writeFile(path, toYaml('channel-breakout'));
    const { problems } = await findStrategies(room);
    expect(problems.map(({ error }) => error.message)).toContainEqual(
      expect.stringMatching(/breakout\.py: .* same\.yaml is called channel_breakout too; .*the name alone means same\.yaml/),
    );
    expect(await loadStrategy(room, 'channel_breakout')).toMatchObject({ path });
    await rm(path);
  });

  it('in YAML is found without running Python, however it is written', async () => {
    const strategiesDir = join(root, 'beside-endless');
    await mkdir(strategiesDir);
    await writeFile(join(strategiesDir, 'endless.py'), 'while True: pass\n');
    await writeFile(join(strategiesDir, 'first.yaml'), toYaml('plain'));
    await writeFile(join(strategiesDir, 'second.yaml'), '{\n  "name": "braced", "entry": {"when": "close > open", "action": "buy"}}\n');
    using untouched = new PythonEngine({ command: { file: 'no-such-python', args: [], env: {} } });
    for (const name of ['plain', 'braced']) expect(await loadStrategy({ strategiesDir, engine: untouched }, name)).toMatchObject({ name });
  });

  it('in Python that never ends, or ends the engine, costs one limit and harms no other', async () => {
    const strategiesDir = join(root, 'stuck');
    await mkdir(strategiesDir);
    await writeFile(join(strategiesDir, 'a.py'), 'while True: pass\n');
    await writeFile(join(strategiesDir, 'b.py'), BREAKOUT);
    await writeFile(join(strategiesDir, 'c.py'), 'import os\nos._exit(3)\n');
    const begun = performance.now();
    const { strategies, problems } = await findStrategies({ strategiesDir, engine, readTimeoutMs: 2000 });
    expect(performance.now() - begun).toBeLessThan(12_000);
    expect(strategies.map(({ name }) => name)).toEqual(['channel_breakout']);
    expect(problems.map(({ error }) => [error.code, error.message])).toEqual([
      ['ENGINE_TIMEOUT', expect.stringMatching(/a\.py: reading it did not end within 2 s/)],
      ['ENGINE_CRASHED', expect.stringContaining('c.py')],
    ]);
  });

  it('may take its costs from a cache of swap costs; a change of them is a change of the strategy', async () => {
    const path = join(room.strategiesDir, 'swapped.yaml');
    const write = (gas: number): Promise<void> =>
      writeFile(join(root, 'swaps.json'), JSON.stringify({ PEPE: { '5000': 0.01, gas }, HEX: { '5000': 0.02, gas: 1 } }));
    const swap = (rest: string): string => `${toYaml('swapped')}costs: {type: swap, cache: ../swaps.json${rest}}\n`;
    await writeFile(path, swap(', token: PEPE'));
    await expect(readRuleStrategy(path)).rejects.toThrow(/swapped\.yaml:\d+:\d+: costs\.cache: .*[^]*quantbot data fetch-swap-costs/);
    await write(0.5);
    const before = await readRuleStrategy(path);
    expect(before.reference.config['rules']).toMatchObject({
      simulation: { costs: { type: 'swap', rungs: [{ notional: 5000, loss_rate: 0.01 }], gas_buy: 0.5, gas_sell: 0.5 } },
    });
    await write(0.7);
    expect((await readRuleStrategy(path)).sourceHash).not.toBe(before.sourceHash);
    await writeFile(path, swap(''));
    await expect(readRuleStrategy(path)).rejects.toThrow('name one of the tokens, or add an entry "default"; the file has PEPE, HEX');
    await writeFile(path, swap(', rungs: []'));
    await expect(readRuleStrategy(path)).rejects.toThrow('unknown key "rungs"; expected one of type, cache, token');
    await rm(path);
  });

  it('may name signals of the workspace; a change of one is a change of the strategy', async () => {
    const path = join(room.strategiesDir, 'uses.yaml');
    await writeFile(path, 'name: uses\nentry: {when: {signal: near_low}, action: buy}\n');
    const before = await readRuleStrategy(path);
    expect(before.reference.config['signal_files']).toEqual([join(room.strategiesDir, 'signals/near_low.py')]);
    await writeFile(join(room.strategiesDir, 'signals/another.py'), '# nothing yet\n');
    expect((await readRuleStrategy(path)).sourceHash).not.toBe(before.sourceHash);
  });
});

describe('a parameter that is set', () => {
  it('must be one of the strategy, and one that it looks at', async () => {
    const path = join(root, 'parameters.yaml');
    await writeFile(path, `${toYaml('p', 'close > sma(${fast})')}parameters: {fast: 10, idle: 3}\n`);
    const strategy = await readRuleStrategy(path);
    expect(() => {
      checkParameters(strategy, { fast: 12 });
    }).not.toThrow();
    expect(() => {
      checkParameters(strategy, { fats: 12 });
    }).toThrow('has no parameter fats; it has fast, idle; did you mean fast');
    expect(() => {
      checkParameters(strategy, { idle: 4 });
    }).toThrow('parameter idle is not used by the strategy p');
  });
});
