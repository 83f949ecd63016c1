import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AppError } from '@quantbot/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findInstallation } from './installation.ts';

describe('finding the installation', () => {
  let clone: string;
  beforeEach(() => {
    clone = mkdtempSync(path.join(tmpdir(), 'quantbot-installation-'));
  });
  afterEach(() => {
    rmSync(clone, { recursive: true });
  });

  it('says what to run when set-up was never done', () => {
    const find = () => findInstallation({}, clone);
    expect(find).toThrow(AppError);
    expect(find).toThrow(expect.objectContaining({ code: 'SETUP_INCOMPLETE', message: expect.stringContaining('npm run setup') as string }));
  });

  it.skipIf(process.platform === 'win32')('uses the Python of the environment that set-up made', () => {
    mkdirSync(path.join(clone, '.venv/bin'), { recursive: true });
    writeFileSync(path.join(clone, '.venv/bin/python'), '');
    expect(findInstallation({}, clone)).toEqual({
      repoRoot: clone,
      python: path.join(clone, '.venv/bin/python'),
      engineSrc: path.join(clone, 'engine/src'),
      cacheDir: path.join(clone, '.cache'),
    });
  });

  it('uses the Python that the environment variable names, and not the one that set-up starts from', () => {
    const named = path.join(clone, 'python');
    writeFileSync(named, '');
    expect(findInstallation({ QUANTBOT_ENGINE_PYTHON: named }, clone).python).toBe(named);
    expect(() => findInstallation({ QUANTBOT_PYTHON: named }, clone)).toThrow(AppError);
  });
});
