import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SliceManifestSchema, type Call } from '@quantbot/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { toCanonicalJson } from './canonical-json.ts';
import { toInlineSlice } from './inline-slice.ts';
import { writeSlice } from './write-slice.ts';

const CALL: Call = { id: 'a', mint: 'TOKEN', caller: 'Ann', ts_ms: 60_000 };
const candle = (timestamp: number, close: number) => ({ timestamp, open: close, high: close, low: close, close, volume: 1 });

describe('a slice', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'quantbot-slice-test-'));
  });
  afterEach(async () => {
    await rm(dir, { recursive: true, force: true });
  });

  it('is named by the hash of its content: the same market twice is one folder', async () => {
    const write = () => writeSlice(dir, toInlineSlice([CALL], { a: [candle(60, 1), candle(120, 2)] }));
    const [first, second] = [await write(), await write()];
    expect(second).toEqual(first);
    expect(await readdir(dir)).toHaveLength(1);
  });

  it('has another name when one price differs', async () => {
    const first = await writeSlice(dir, toInlineSlice([CALL], { a: [candle(60, 1)] }));
    const second = await writeSlice(dir, toInlineSlice([CALL], { a: [candle(60, 1.0000000000000002)] }));
    expect(second.id).not.toBe(first.id);
  });

  it('says in its manifest what is in it, with hashes that anyone can check', async () => {
    const slice = await writeSlice(dir, toInlineSlice([CALL, { ...CALL, id: 'b' }], { a: [candle(60, 1), candle(120, 2)] }));
    const manifest = SliceManifestSchema.parse(JSON.parse(await readFile(join(slice.path, 'manifest.json'), 'utf8')));
    expect(manifest.series).toEqual([{ name: 'a', interval_s: null, offset: 0, rows: 2 }]);
    expect(manifest.calls.series).toEqual([0, -1]);
    const { id, ...content } = manifest;
    expect(createHash('sha256').update(toCanonicalJson(content)).digest('hex')).toBe(id);
    for (const file of manifest.files) {
      const bytes = await readFile(join(slice.path, file.name));
      expect(bytes.length).toBe(128 + 8 * file.rows);
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(file.sha256);
    }
  });

  it('leaves nothing behind when its source fails half-way', async () => {
    function* failing() {
      yield { name: 'x', intervalS: 60, candles: toInlineCandles() };
      throw new Error('the source went away');
    }
    await expect(writeSlice(dir, { series: failing(), calls: () => [] })).rejects.toThrow('the source went away');
    expect(await readdir(dir)).toEqual([]);
  });
});

function toInlineCandles() {
  const [series] = [...(toInlineSlice([CALL], { a: [candle(60, 1)] }).series as Iterable<{ candles: never }>)];
  if (series === undefined) throw new Error('expected a series');
  return series.candles;
}
