import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hashInputs, isStamped, listFiles, removeStamp, writeStamp } from './stamp.mjs';

describe('the stamp of a set-up step', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'quantbot-stamp-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it('holds while its inputs stay, and no longer when one changes', () => {
    const input = path.join(folder, 'package-lock.json');
    const stamp = path.join(folder, 'made', '.stamp');
    writeFileSync(input, 'one');
    writeStamp(stamp, hashInputs({ files: [input] }));
    expect(isStamped(stamp, hashInputs({ files: [input] }))).toBe(true);
    writeFileSync(input, 'two');
    expect(isStamped(stamp, hashInputs({ files: [input] }))).toBe(false);
  });

  it('does not hold when it was removed or never written', () => {
    const stamp = path.join(folder, '.stamp');
    expect(isStamped(stamp, hashInputs({}))).toBe(false);
    writeStamp(stamp, hashInputs({}));
    removeStamp(stamp);
    expect(isStamped(stamp, hashInputs({}))).toBe(false);
  });

  it('tells words apart from the same letters cut elsewhere', () => {
    expect(hashInputs({ words: ['ab', 'c'] })).not.toBe(hashInputs({ words: ['a', 'bc'] }));
  });

  it('counts a missing input as empty, so that its arrival is a change', () => {
    const input = path.join(folder, 'late.py');
    const before = hashInputs({ files: [input] });
    writeFileSync(input, 'x');
    expect(hashInputs({ files: [input] })).not.toBe(before);
  });

  it('looks at files of the wanted kind only, in a fixed order', () => {
    for (const name of ['b.py', 'a.py', 'a.pyc']) writeFileSync(path.join(folder, name), '');
    expect(listFiles(folder, ['.py']).map((file) => path.basename(file))).toEqual(['a.py', 'b.py']);
  });
});
