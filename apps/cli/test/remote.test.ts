/** The command line on a server: the same output as in the workspace of that server, and what is told when a server is the trouble. */
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, sep } from 'node:path';
import type { StudySummary } from '@quantbot/backtest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openRemoteRoom, type RemoteRoom } from './remote-room.ts';
import { runCli, type CliRun } from './run-cli.ts';

let room: RemoteRoom;
beforeAll(async () => {
  room = await openRemoteRoom();
});
afterAll(async () => {
  await room[Symbol.asyncDispose]();
});

const both = (...args: string[]): Promise<[CliRun, CliRun]> => Promise.all([room.here(...args), room.there(...args)]);

async function expectSame(...args: string[]): Promise<string> {
  const [here, there] = await both(...args);
  for (const { exitCode, stderr } of [here, there]) expect(exitCode, `${args.join(' ')}: ${stderr}`).toBe(0);
  expect(there.stdout).toBe(here.stdout);
  return there.stdout;
}

describe('what a server holds', () => {
  it('is listed as in its workspace', async () => {
    expect(await expectSame('data', 'list')).toContain('EURUSD');
  });

  it('shows a strategy that cannot be used with its place, and the others all the same', async () => {
    await writeFile(join(room.dir, 'strategies', 'broken.yaml'), 'name: broken\nentry: {when: "sma(5) >"}\n');
    const [here, there] = await both('strategies', 'list', '--json');
    // Where the workspace lies on the disk is for its own users alone.
    expect(there.stdout).toBe(here.stdout.replaceAll(`${room.dir}${sep}`, ''));
    expect(JSON.parse(there.stdout)).toMatchObject({
      strategies: [{ name: 'golden_cross' }, { name: 'ma_crossover_strategy' }],
      problems: [
        {
          file: 'strategies/broken.yaml',
          code: 'INVALID_STRATEGY',
          message: expect.stringMatching(/^strategies\/broken\.yaml:2:\d+: /) as string,
        },
      ],
    });
  });
});

describe('a backtest on a server', () => {
  const flags = ['--set', 'fast=7', '--from', '2024-01-05', '--to', '2024-02-01', '--fee-bps', '3', '--initial-capital', '5000'];

  it('prints the tables that it prints in the workspace, and leaves a report and the same document, byte for byte', async () => {
    const args = ['backtest', 'run', 'golden_cross', ...flags];
    const there = await room.there(...args);
    expect(there, there.stderr).toMatchObject({ exitCode: 0 });
    expect(there.stdout).toBe((await room.here(...args, '--no-report')).stdout);
    const address = /^Report: (.+)$/m.exec(there.stderr)?.[1] ?? '';
    expect((await fetch(address)).status).toBe(200);
    const [kept, here] = await Promise.all([
      room.there('backtest', 'run', '--attach', address.split('/').at(-2) ?? '', '--json', '--quiet'),
      room.here(...args, '--json', '--quiet', '--no-report'),
    ]);
    expect({ ...kept, stdout: '' }).toEqual({ exitCode: 0, stdout: '', stderr: '' });
    expect(toHead(kept.stdout)).toEqual(toHead(here.stdout));
    expect(kept.stdout === here.stdout).toBe(true);
    expect(JSON.parse(kept.stdout)).toMatchObject({ kind: 'candle_backtest', request: { params: { fast: 7 } } });
  });

  it('is refused in the words of the server, with the exit code that the same mistake has in a workspace', async () => {
    expect(await room.there('backtest', 'run', 'nowhere')).toMatchObject({
      exitCode: 4,
      stderr: expect.stringContaining('STRATEGY_NOT_FOUND') as string,
    });
    const [here, there] = await both('backtest', 'run', 'golden_cross', '--from', '2024-02-31', '--quiet');
    expect(there).toEqual(here);
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
    const args = ['walk-forward', '--config', join(room.elsewhere, 'study.yaml'), '--train', '25d', '--test', '15d', '--json', '--quiet'];
    const [here, there] = await both(...args);
    expect({ ...there, stdout: '' }).toEqual({ exitCode: 0, stdout: '', stderr: '' });
    expect(there.stdout === here.stdout).toBe(true);
    expect(JSON.parse(there.stdout)).toMatchObject({ strategy: 'golden_cross', train: { months: 0, ms: 25 * 86_400_000 } });
  });

  it('takes no flag that a server would not follow', async () => {
    const ended = await room.there('walk-forward', '--config', 'study.yaml', '--train', '15d', '--test', '10d', '--gap', '1d');
    expect(ended).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('--gap') as string });
  });
});

describe('a study on a server', () => {
  it('finds what the same study finds in the workspace, and is looked at from both sides', async () => {
    const file = join(room.elsewhere, 'study.yaml');
    const args = ['optimize', '--config', file, '--json', '--quiet'];
    const ended = await Promise.all([room.here(...args, '--no-report'), room.there(...args)]);
    const [here, there] = ended.map(({ stdout }) => JSON.parse(stdout) as StudySummary) as [StudySummary, StudySummary];
    expect(there.counts).toEqual({ ...here.counts, complete: 12 });
    expect(there.best).toEqual(here.best);
    expect(there.study).toMatchObject({ seed: 7, name: 'study', state: 'complete' });

    const short = there.study.id.split('-')[1] ?? '';
    await expectSame('studies', 'show', short, '--json');
    await expectSame('studies', 'watch', short);
    await expectSame('studies', 'list', '--json', '--state', 'complete', '--strategy', 'golden_cross', '--limit', '1');
    await expectSame('leaderboard', '--objective', 'sharpe_ratio', '--accepted', '--limit', '3');
    const [kept, keptThere] = await both('studies', 'cancel', short);
    expect(keptThere).toEqual({ ...kept, exitCode: 3, stderr: expect.stringContaining('there is nothing to cancel') as string });
    const [mine, its] = [join(room.elsewhere, 'trials.csv'), join(room.dir, 'trials.csv')];
    const exported = await Promise.all([
      room.there('studies', 'export', short, '--out', mine),
      room.here('studies', 'export', short, '--out', its),
    ]);
    expect(exported).toMatchObject([{ exitCode: 0 }, { exitCode: 0 }]);
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

  it('that asks for a key gets it from the environment or a file, and ends with 7 without one that allows it', async () => {
    const made = await room.here('keys', 'create', '--name', 'reader', '--role', 'read', '--json');
    const { key } = JSON.parse(made.stdout) as { key: string };
    const { url } = await room.serveAlso('--auth', 'keys');
    expect(await list({ QUANTBOT_SERVER: url })).toMatchObject({
      exitCode: 7,
      stderr: expect.stringContaining('UNAUTHENTICATED') as string,
    });
    expect(await list({ QUANTBOT_SERVER: url, QUANTBOT_API_KEY: key })).toMatchObject({ exitCode: 0 });
    await writeFile(join(room.elsewhere, 'key'), `${key}\n`);
    const refused = await runCli(['optimize', '--config', 'study.yaml', '--server', url, '--api-key-file', 'key'], { cwd: room.elsewhere });
    expect(refused).toMatchObject({ exitCode: 7, stderr: expect.stringContaining('FORBIDDEN') as string });
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
