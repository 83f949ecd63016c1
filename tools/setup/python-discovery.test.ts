import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PrerequisiteError } from './prerequisite.mjs';
import { findPython, listCandidates } from './python-discovery.mjs';

/** Fakes are shell scripts, so these run where there is a shell. */
describe.skipIf(process.platform === 'win32')('finding a Python', () => {
  let bin: string;
  let originalPath: string | undefined;
  beforeEach(() => {
    bin = mkdtempSync(path.join(tmpdir(), 'quantbot-python-'));
    originalPath = process.env['PATH'];
    // Nothing but the fakes is found.
    process.env['PATH'] = bin;
  });
  afterEach(() => {
    process.env['PATH'] = originalPath;
    rmSync(bin, { recursive: true });
  });

  function addPython(name: string, says: { version: string; bits?: number; venv?: boolean } | 'nothing'): string {
    const file = path.join(bin, name);
    const answer = says === 'nothing' ? 'exit 127' : `echo '${JSON.stringify({ bits: 64, venv: true, ...says })}'`;
    writeFileSync(file, `#!/bin/sh\n${answer}\n`);
    chmodSync(file, 0o755);
    return file;
  }

  async function explainFailure(env: Record<string, string> = {}): Promise<string> {
    const error: unknown = await findPython(env).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(PrerequisiteError);
    return (error as Error).message;
  }

  it('takes the newest that fits', async () => {
    addPython('python3.12', { version: '3.12.4' });
    addPython('python3', { version: '3.11.2' });
    expect(await findPython({})).toMatchObject({ command: 'python3.12', version: '3.12.4' });
  });

  it('passes over a name that a version manager offers and cannot run', async () => {
    addPython('python3.13', 'nothing');
    addPython('python3', { version: '3.11.7' });
    expect(await findPython({})).toMatchObject({ command: 'python3' });
  });

  it('takes the one that QUANTBOT_PYTHON names, and no other', async () => {
    const named = addPython('my-python', { version: '3.11.0' });
    addPython('python3.13', { version: '3.13.0' });
    expect(await findPython({ QUANTBOT_PYTHON: named })).toMatchObject({ command: named });
    expect(await explainFailure({ QUANTBOT_PYTHON: '/no/such/python' })).toContain('/no/such/python, which does not run');
  });

  it('says that there is none, and how to get one', async () => {
    const message = await explainFailure();
    expect(message).toContain('3.11, 3.12 or 3.13');
    expect(message).toContain('Looked for: python3.13');
    expect(message).toMatch(/apt-get install python3|brew install/);
  });

  it('names the one that is too old', async () => {
    addPython('python3', { version: '3.9.18' });
    expect(await explainFailure()).toContain('python3 is Python 3.9.18 and is older than 3.11');
  });

  it('names the one that is too new for the locked packages', async () => {
    addPython('python3', { version: '3.14.0' });
    expect(await explainFailure()).toContain('3.14 or newer');
  });

  it('gives the exact command for a Debian Python without the venv module', async () => {
    addPython('python3', { version: '3.12.3', venv: false });
    expect(await explainFailure()).toContain('sudo apt-get install python3.12-venv');
  });

  it('prefers an older Python with the venv module to a newer one without', async () => {
    addPython('python3.12', { version: '3.12.3', venv: false });
    addPython('python3.11', { version: '3.11.9' });
    expect(await findPython({})).toMatchObject({ command: 'python3.11' });
  });

  it('asks the launcher first on Windows', () => {
    expect(listCandidates({}, 'win32')[0]).toBe('py -3.13');
  });
});
