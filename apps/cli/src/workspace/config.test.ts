import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readConfig } from './config.ts';

describe('quantbot.yaml', () => {
  let dir: string;
  let path: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'quantbot-config-test-'));
    path = join(dir, 'quantbot.yaml');
  });
  afterEach(async () => {
    await rm(dir, { recursive: true, force: true });
  });

  it('gives back what it says and no defaults', async () => {
    await writeFile(path, 'version: 1\nv1_baseline:\n  simulator_config:\n    taker_fee_bps: 5\n');
    expect(await readConfig(path)).toEqual({ version: 1, v1_baseline: { simulator_config: { taker_fee_bps: 5 } } });
  });

  it('names file, line and column of an unknown key', async () => {
    await writeFile(path, 'version: 1\nv1_baseline:\n  simulator_config:\n    taker_fees: 5\n');
    await expect(readConfig(path)).rejects.toMatchObject({
      code: 'INVALID_CONFIG',
      exitCode: 3,
      message: expect.stringMatching(/quantbot\.yaml:4:\d+: .*taker_fees/) as string,
    });
  });

  it('names file, line and column of a value out of its range', async () => {
    await writeFile(path, 'version: 1\nv1_baseline:\n  param_grid:\n    sl_mults: [0.9, 1.0]\n');
    await expect(readConfig(path)).rejects.toMatchObject({
      code: 'INVALID_CONFIG',
      message: expect.stringMatching(/quantbot\.yaml:4:\d+: v1_baseline\.param_grid\.sl_mults\.1/) as string,
    });
  });

  it.each([
    ['broken syntax', 'version: 1\nv1_baseline: [1, 2\n'],
    ['a key that stands twice', 'version: 1\nversion: 1\n'],
    ['an empty file', ''],
    ['a list', '- 1\n'],
  ])('refuses %s', async (_what, text) => {
    await writeFile(path, text);
    await expect(readConfig(path)).rejects.toMatchObject({ code: 'INVALID_CONFIG' });
  });
});
