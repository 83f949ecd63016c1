/** `quantbot serve`, `keys` and `config` as a user runs them. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCli, startCli, type CliOptions, type RunningCli } from './run-cli.ts';

describe('serving a workspace', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'quantbot-serve-test-'));
    await runCli(['init'], { cwd: dir });
  });
  afterEach(async () => {
    await rm(dir, { recursive: true, force: true });
  });

  /** Resolves with the address as soon as the command has told it. */
  function serve(args: readonly string[], env: Readonly<Record<string, string>> = {}): { cli: RunningCli; url: Promise<string> } {
    const told = Promise.withResolvers<string>();
    const onStderr: CliOptions['onStderr'] = (text) => {
      const [url] = /http:\/\/[\d.]+:\d+/.exec(text) ?? [];
      if (url !== undefined) told.resolve(url);
    };
    const cli = startCli(['serve', ...args], { cwd: dir, env: { PORT: '0', ...env }, onStderr });
    void cli.ended.then(({ stderr }) => {
      told.reject(new Error(stderr));
    });
    return { cli, url: told.promise };
  }

  it('answers until it is told to stop, and then ends without an error', async () => {
    const { cli, url } = serve([]);
    expect((await fetch(`${await url}/health`)).status).toBe(200);
    cli.kill('SIGTERM');
    const { exitCode, stdout, stderr } = await cli.ended;
    expect([exitCode, stderr]).toEqual([0, expect.stringContaining('Shutting down')]);
    const lines = stdout.trim().split('\n');
    for (const line of lines) expect(JSON.parse(line)).toHaveProperty('level');
  });

  it('refuses an address that others can reach as long as nobody needs a key', async () => {
    const { exitCode, stderr } = await runCli(['serve', '--host', '0.0.0.0'], { cwd: dir });
    expect([exitCode, stderr]).toEqual([3, expect.stringContaining('quantbot keys create')]);
  });

  it('lets in who has a key, until the key is revoked', async () => {
    const made = await runCli(['keys', 'create', '--name', 'desk', '--role', 'run'], { cwd: dir });
    const key = made.stdout.trim();
    const { cli, url } = serve(['--auth', 'keys']);
    const ask = async (): Promise<number> =>
      (await fetch(`${await url}/api/studies`, { headers: { authorization: `Bearer ${key}` } })).status;
    expect(await ask()).toBe(200);
    const { keys } = JSON.parse((await runCli(['keys', 'list', '--json'], { cwd: dir })).stdout) as {
      keys: { id: string; name: string }[];
    };
    expect(keys).toMatchObject([{ name: 'desk', role: 'run', revoked_at: null }]);
    expect((await runCli(['keys', 'revoke', keys[0]?.id ?? ''], { cwd: dir })).exitCode).toBe(0);
    expect(await ask()).toBe(401);
    cli.kill('SIGINT');
    const { stdout } = await cli.ended;
    expect(stdout).not.toContain(key);
    const kept = await readFile(join(dir, 'studies.db'));
    expect(kept.includes(key)).toBe(false);
  });

  it('says of every setting what it is and who said so', async () => {
    await writeFile(join(dir, 'quantbot.yaml'), 'version: 1\nserver:\n  port: 4000\n  max_queued: 7\n');
    const env = {
      PORT: '5000',
      QUANTBOT_CORS_ORIGINS: 'https://a.example,https://b.example',
      DATABASE_URL: 'postgres://user:canary@db.example/quant',
    };
    const { stdout } = await runCli(['config', 'show', '--origin', '--json'], { cwd: dir, env });
    expect(JSON.parse(stdout)).toMatchObject({
      port: { value: 5000, origin: 'PORT' },
      max_queued: { value: 7, origin: 'quantbot.yaml' },
      host: { value: '127.0.0.1', origin: 'default' },
      cors_origins: { value: ['https://a.example', 'https://b.example'], origin: 'QUANTBOT_CORS_ORIGINS' },
      database_url: { value: 'postgres://db.example/quant', origin: 'DATABASE_URL' },
    });
    expect(stdout).not.toContain('canary');
  });

  it.each([
    ['a misspelt setting', 'server:\n  prot: 4000\n', {}, 'quantbot.yaml:3'],
    ['a short secret', '', { QUANTBOT_JWT_SECRET: 'short' }, 'QUANTBOT_JWT_SECRET'],
  ])('refuses %s and says where it stands', async (_what, yaml, env, place) => {
    await writeFile(join(dir, 'quantbot.yaml'), `version: 1\n${yaml}`);
    const { cli, url } = serve([], { PORT: '0', ...env });
    await expect(url).rejects.toThrow(place);
    expect((await cli.ended).exitCode).toBe(3);
  });
});
