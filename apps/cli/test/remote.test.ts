/** The command line on a server: the same output as in the workspace of that server, and what is told when a server is the trouble. */
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { StudySummary } from '@quantbot/backtest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openRemoteRoom, type RemoteRoom } from './remote-room.ts';
import { runCli } from './run-cli.ts';

let room: RemoteRoom;
beforeAll(async () => {
  room = await openRemoteRoom();
});
afterAll(async () => {
  await room[Symbol.asyncDispose]();
});

async function expectSame(...args: string[]): Promise<string> {
  const [here, there] = await Promise.all([room.here(...args), room.there(...args)]);
  for (const { exitCode, stderr } of [here, there]) expect(exitCode, `${args.join(' ')}: ${stderr}`).toBe(0);
  expect(there.stdout).toBe(here.stdout);
  return there.stdout;
}

describe('what a server holds', () => {
  it.each([['data list'], ['data list --json'], ['strategies list'], ['strategies list --json']])(
    'is listed by `%s` as in its workspace',
    async (command) => {
      expect(await expectSame(...command.split(' '))).toMatch(/EURUSD|golden_cross/);
    },
  );

  it('shows a strategy that cannot be used with its place, and the others all the same', async () => {
    const path = join(room.dir, 'strategies', 'broken.yaml');
    await writeFile(path, 'name: broken\nentry: {when: "sma(5) >"}\n');
    const listed = await expectSame('strategies', 'list', '--json').finally(() =>
      writeFile(path, 'name: broken\nentry: {when: "close > sma(5)"}\n'),
    );
    expect(JSON.parse(listed)).toMatchObject({
      strategies: [{ name: 'golden_cross' }],
      problems: [{ file: 'strategies/broken.yaml', code: 'INVALID_STRATEGY' }],
    });
  });
});

describe('a backtest on a server', () => {
  const flags = ['--set', 'fast=7', '--from', '2024-01-05', '--to', '2024-02-01', '--fee-bps', '3', '--initial-capital', '5000'];

  it('gives the document that the same backtest gives in the workspace, byte for byte', async () => {
    const args = ['backtest', 'run', 'golden_cross', ...flags, '--json', '--quiet'];
    const [here, there] = [await room.here(...args, '--no-report'), await room.there(...args)];
    expect({ ...there, stdout: '' }).toEqual({ exitCode: 0, stdout: '', stderr: '' });
    expect(toHead(there.stdout)).toEqual(toHead(here.stdout));
    expect(there.stdout === here.stdout).toBe(true);
    expect(JSON.parse(there.stdout)).toMatchObject({ kind: 'candle_backtest', request: { params: { fast: 7 } } });
  });

  it('prints the same tables, and where the report can be read', async () => {
    const [here, there] = [
      await room.here('backtest', 'run', 'golden_cross', '--no-report'),
      await room.there('backtest', 'run', 'golden_cross'),
    ];
    expect(there.stdout).toBe(here.stdout);
    const address = /^Report: (.+)$/m.exec(there.stderr)?.[1] ?? '';
    const id = address.split('/').at(-2) ?? '';
    expect((await fetch(address)).status).toBe(200);
    const again = await room.there('backtest', 'run', '--attach', id, '--quiet');
    expect(again).toEqual({ exitCode: 0, stdout: here.stdout, stderr: '' });
  });

  it('is refused in the words of the server, with the exit code that the same mistake has in a workspace', async () => {
    expect(await room.there('backtest', 'run', 'nowhere')).toMatchObject({
      exitCode: 4,
      stderr: expect.stringContaining('STRATEGY_NOT_FOUND') as string,
    });
    const slip = ['backtest', 'run', 'golden_cross', '--from', '2024-02-31', '--quiet'];
    expect((await room.there(...slip)).stderr).toBe((await room.here(...slip)).stderr);
  });

  it('takes no flag that a server would not follow', async () => {
    const ended = await room.there('backtest', 'run', 'golden_cross', '--report', 'mine');
    expect(ended).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('--report does not go with a server') as string });
  });
});

/** Without the columns, so that a difference can be read. */
function toHead(stdout: string): unknown {
  const { result, ...head } = JSON.parse(stdout) as { result: { figures: unknown } };
  return { ...head, figures: result.figures };
}

describe('a walk-forward analysis on a server', () => {
  it('is the one that the same command makes in the workspace, byte for byte', async () => {
    const args = ['walk-forward', '--config', join(room.elsewhere, 'study.yaml'), '--train', '15d', '--test', '10d', '--json', '--quiet'];
    const [here, there] = [await room.here(...args), await room.there(...args)];
    expect({ ...there, stdout: '' }).toEqual({ exitCode: 0, stdout: '', stderr: '' });
    expect(there.stdout === here.stdout).toBe(true);
    expect(JSON.parse(there.stdout)).toMatchObject({ strategy: 'golden_cross', train: { months: 0, ms: 15 * 86_400_000 } });
  });

  it('takes no flag that a server would not follow', async () => {
    const args = ['walk-forward', '--config', 'study.yaml', '--train', '15d', '--test', '10d'];
    for (const more of [
      ['--gap', '1d'],
      ['--max-workers', '1'],
    ]) {
      expect(await room.there(...args, ...more)).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(more[0] ?? '') as string });
    }
  });
});

describe('a study on a server', () => {
  it('finds what the same study finds in the workspace, and is looked at from both sides', async () => {
    const file = join(room.elsewhere, 'study.yaml');
    const there = JSON.parse((await room.there('optimize', '--config', file, '--json', '--quiet')).stdout) as StudySummary;
    const here = JSON.parse((await room.here('optimize', '--config', file, '--json', '--quiet', '--no-report')).stdout) as StudySummary;
    expect(there.counts).toEqual({ ...here.counts, complete: 12 });
    expect(there.best).toEqual(here.best);
    expect(there.study).toMatchObject({ seed: 7, name: 'study', state: 'complete' });

    const short = there.study.id.split('-')[1] ?? '';
    await expectSame('studies', 'show', short);
    await expectSame('studies', 'show', short, '--json');
    await expectSame('studies', 'watch', short);
    await expectSame('studies', 'list', '--json', '--state', 'complete', '--strategy', 'golden_cross', '--limit', '1');
    await expectSame('leaderboard', '--objective', 'sharpe_ratio', '--accepted', '--limit', '3');
    const [kept, tkept] = [await room.here('studies', 'cancel', short), await room.there('studies', 'cancel', short)];
    expect(tkept).toEqual({ ...kept, exitCode: 3, stderr: expect.stringContaining('there is nothing to cancel') as string });
    const [mine, its] = [join(room.elsewhere, 'trials.csv'), join(room.dir, 'trials.csv')];
    expect(await room.there('studies', 'export', short, '--out', mine)).toMatchObject({ exitCode: 0 });
    expect(await room.here('studies', 'export', short, '--out', its)).toMatchObject({ exitCode: 0 });
    expect(await readFile(mine, 'utf8')).toBe(await readFile(its, 'utf8'));
  });

  it('goes on when its user lets go of it with Ctrl-C, and is cancelled by a second one', async () => {
    const file = join(room.elsewhere, 'long.yaml');
    const axes = 'fast: {low: 2, high: 400}\n  slow: {low: 401, high: 900}';
    const head = 'strategy: {name: golden_cross}\ndata: {symbol: EURUSD, timeframe: 1h}\nobjectives: [final_balance]\nseed: 1\n';
    await writeFile(file, `${head}sampler: random\ntrials: 150000\nparameters:\n  ${axes}\n`);
    let signals = 0;
    const letGo = await room.startThere(['optimize', '--config', file], {
      onStderr: (text, kill) => {
        if (signals > 0 || !text.includes('submitted')) return;
        signals = 1;
        setTimeout(kill, 1_000, 'SIGINT');
      },
    }).ended;
    expect(letGo).toMatchObject({ exitCode: 130, stdout: '' });
    const [, id = ''] = /quantbot studies watch (\S+) --server/.exec(letGo.stderr) ?? [];
    const cancelled = await room.startThere(['studies', 'watch', await waitForStudy(id)], {
      onStderr: (text, kill) => {
        if (signals === 1) setTimeout(kill, 1_000, 'SIGINT');
        if (signals < 2) signals = 2;
        if (signals !== 2 || !text.includes('Ctrl-C again')) return;
        signals = 3;
        setTimeout(kill, 400, 'SIGINT');
      },
    }).ended;
    expect(cancelled.exitCode).toBe(130);
    expect(cancelled.stderr).toMatch(/The study \S+ is cancell/);
    await waitForState(id, 'cancelled');
  });
});

/** A submitted study is known as soon as its runner has prepared it. */
async function waitForStudy(id: string): Promise<string> {
  while ((await fetch(`${room.url}/api/studies/${id}`)).status !== 200) await new Promise((resolve) => setTimeout(resolve, 50));
  return id;
}

async function waitForState(id: string, state: string): Promise<void> {
  for (;;) {
    const { study } = (await (await fetch(`${room.url}/api/studies/${id}`)).json()) as { study: { state: string } };
    if (study.state === state) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

describe('a server that is the trouble', () => {
  const list = (env: Record<string, string>, ...flags: string[]) => runCli(['studies', 'list', ...flags], { cwd: room.elsewhere, env });

  it('that cannot be reached ends with 7', async () => {
    expect(await list({}, '--server', 'http://127.0.0.1:9')).toMatchObject({
      exitCode: 7,
      stderr: expect.stringContaining('error SERVER_UNREACHABLE: the server at http://127.0.0.1:9') as string,
    });
  });

  it('that is something else is not taken for one', async () => {
    const other = createServer((_request, response) => response.end('<h1>Welcome</h1>'));
    await once(other.listen(0, '127.0.0.1'), 'listening');
    const url = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
    const ended = await list({ QUANTBOT_SERVER: url }).finally(() => other.close());
    expect(ended).toMatchObject({ exitCode: 7, stderr: expect.stringContaining('is it a quantbot server') as string });
  });

  it('that asks for a key gets it from the environment or a file, and ends with 7 without one', async () => {
    const made = await room.here('keys', 'create', '--name', 'reader', '--role', 'read', '--json');
    const { key } = JSON.parse(made.stdout) as { key: string };
    const { server, url } = await room.serveAlso('--auth', 'keys');
    try {
      expect(await list({ QUANTBOT_SERVER: url })).toMatchObject({
        exitCode: 7,
        stderr: expect.stringContaining('UNAUTHENTICATED') as string,
      });
      expect(await list({ QUANTBOT_SERVER: url, QUANTBOT_API_KEY: key })).toMatchObject({ exitCode: 0 });
      await writeFile(join(room.elsewhere, 'key'), `${key}\n`);
      expect(await list({}, '--server', url, '--api-key-file', 'key')).toMatchObject({ exitCode: 0 });
      const refused = await runCli(['optimize', '--config', 'study.yaml', '--server', url, '--api-key-file', 'key'], {
        cwd: room.elsewhere,
      });
      expect(refused).toMatchObject({ exitCode: 7, stderr: expect.stringContaining('FORBIDDEN') as string });
    } finally {
      server.kill('SIGTERM');
      await server.ended;
    }
  });

  it.each([
    ['--server http://127.0.0.1:9 --workspace .', 'contradict each other'],
    ['--server ftp://127.0.0.1', 'the address of the server'],
    ['--api-key-file key', 'goes with --server'],
  ])('is not asked for by `%s`', async (flags, why) => {
    expect(await list({}, ...flags.split(' '))).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(why) as string });
  });

  it('is left aside for a workspace that is named', async () => {
    const ended = await list({ QUANTBOT_SERVER: 'http://127.0.0.1:9' }, '--workspace', room.dir);
    expect(ended).toMatchObject({ exitCode: 0 });
  });
});
