import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const REPO = path.resolve(import.meta.dirname, '../../..');
const LAUNCHER = 'apps/cli/bin/quantbot.mjs';

function launch(args: readonly string[], repo = REPO): { exitCode: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [path.join(repo, LAUNCHER), ...args], { encoding: 'utf8', input: '' });
  return { exitCode: status, stdout, stderr };
}

describe('the quantbot command as it is typed', () => {
  it('starts from any folder and prints its version', () => {
    expect(launch(['--version'])).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) as string });
  });

  it('passes arguments on as they are, and the exit code back', () => {
    const { exitCode, stderr } = launch(['backtest', 'v1-baseline', '--no-such-flag; echo $HOME']);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('--no-such-flag; echo $HOME');
  });

  it.skipIf(process.platform === 'win32')('is ended by the signal that ends the command', async () => {
    // Without input the one-shot form waits for its request.
    const child = spawn(process.execPath, [path.join(REPO, LAUNCHER), 'engine'], { stdio: ['pipe', 'ignore', 'ignore'] });
    await once(child, 'spawn');
    child.kill('SIGTERM');
    const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
    expect(signal ?? code).toBeOneOf(['SIGTERM', 143]);
  });

  it('says what to run in a clone that was never set up', () => {
    const clone = realpathSync(mkdtempSync(path.join(tmpdir(), 'quantbot-clone-')));
    try {
      for (const name of [LAUNCHER, 'tools/setup', '.node-version'])
        cpSync(path.join(REPO, name), path.join(clone, name), { recursive: true });
      const { exitCode, stderr } = launch(['--version'], clone);
      expect(exitCode).toBe(75);
      expect(stderr).toContain(`run \`npm run setup\` in ${clone}`);
    } finally {
      rmSync(clone, { recursive: true });
    }
  });
});
