import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { StudySummary } from '@quantbot/backtest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readTable } from './read-table.ts';
import { runCli } from './run-cli.ts';
import { openStudyWorkspace, type StudyWorkspace, WEIGHED } from './study-workspace.ts';

let workspace: StudyWorkspace;
let first: StudySummary;
let second: StudySummary;
beforeAll(async () => {
  workspace = await openStudyWorkspace();
  await workspace.writePaced(1, 0);
  await workspace.write('grid.yaml', WEIGHED);
  first = await workspace.optimize('--config', 'grid.yaml', '--seed', '1', '--name', 'first');
  await workspace.write('strict.yaml', `${WEIGHED}success_criteria: {max_drawdown: 0.015}\n`);
  second = await workspace.optimize('--config', 'strict.yaml', '--sampler', 'random', '--trials', '30', '--seed', '2', '--name', 'second');
});
afterAll(async () => {
  await workspace[Symbol.asyncDispose]();
});

const toShort = (summary: StudySummary): string => summary.study.id.slice(summary.study.id.indexOf('-') + 1);

describe('studies list and show', () => {
  it('lists studies, newest first, and finds them by state and name', async () => {
    const all = JSON.parse((await workspace.run('studies', 'list', '--json')).stdout) as { studies: { id: string }[]; total: number };
    expect(all.studies.map(({ id }) => id)).toEqual([second.study.id, first.study.id]);
    const found = await workspace.run('studies', 'list', '--search', 'FIRST', '--state', 'complete');
    expect(found.stdout).toContain(first.study.id);
    expect(found.stdout).not.toContain(second.study.id);
  });

  it('shows a study by an unambiguous beginning of its id, the same way as --status', async () => {
    const [shown, status] = await Promise.all([
      workspace.run('studies', 'show', toShort(second).slice(0, 4), '--json'),
      workspace.run('optimize', '--status', second.study.id, '--json'),
    ]);
    expect(JSON.parse(shown.stdout)).toEqual(second);
    expect(status.stdout).toBe(shown.stdout);
  });

  it('names the candidates when several ids begin so', async () => {
    const run = await workspace.run('studies', 'show', '20');
    expect(run).toMatchObject({ exitCode: 2 });
    expect(run.stderr).toContain(first.study.id);
    expect(run.stderr).toContain(second.study.id);
  });
});

describe('leaderboard', () => {
  it('ranks the trials of all studies, and says how many were tried', async () => {
    const run = await workspace.run('leaderboard', '--limit', '5', '--json');
    const { leaders } = JSON.parse(run.stdout) as {
      leaders: { rank: number; value: number; study: { id: string; trials_recorded: number } }[];
    };
    expect(leaders.map(({ rank }) => rank)).toEqual([1, 2, 3, 4, 5]);
    expect(leaders[0]?.value).toBe(first.best_overall?.value);
    expect(new Set(leaders.map(({ study }) => study.trials_recorded))).toEqual(new Set([40, 30]));
    expect((await workspace.run('leaderboard')).stdout).toContain('Tried');
  });

  it('leaves rejected trials out if asked', async () => {
    const run = await workspace.run('leaderboard', '--objective', 'mar', '--period', '30d', '--accepted', '--limit', '100', '--json');
    const { leaders } = JSON.parse(run.stdout) as { leaders: { rejections: string[] }[] };
    expect(leaders).toHaveLength(first.counts.accepted + second.counts.accepted);
    expect(second.counts.accepted).toBeLessThan(second.counts.complete);
  });
});

describe('studies export', () => {
  it.each(['csv', 'parquet', 'jsonl'])('writes all trials as %s, with the figures of the store', async (format) => {
    const run = await workspace.run('studies', 'export', second.study.id, '--format', format, '--out', `out/${format}/trials.${format}`);
    expect(run).toMatchObject({ exitCode: 0 });
    const path = join(workspace.dir, 'out', format, `trials.${format}`);
    const trials = await workspace.trials(second.study.id);
    expect(await readExport(path, format)).toEqual(
      trials.map(({ number, state, params, figures, rejections }) => ({
        number,
        accepted: state === 'complete' && rejections.length === 0,
        weight: params['weight'],
        mar: figures[1]?.objectives['mar'] ?? null,
        balance: figures[0]?.metrics['final_balance'] ?? null,
      })),
    );
    expect(await readdir(join(workspace.dir, 'out', format))).toEqual([`trials.${format}`]);
  });

  async function readExport(path: string, format: string): Promise<readonly object[]> {
    if (format !== 'jsonl') {
      const table = format === 'csv' ? `read_csv('${path}', header = true)` : `'${path}'`;
      return readTable(
        `SELECT CAST(number AS INTEGER) AS number, accepted, "params.weight" AS weight, "30d.mar" AS mar, "all.final_balance" AS balance FROM ${table} ORDER BY number`,
      );
    }
    const lines = (await readFile(path, 'utf8')).trim().split('\n');
    return lines.map((line) => {
      const trial = JSON.parse(line) as {
        number: number;
        accepted: boolean;
        params: Record<string, number>;
        figures: { metrics: Record<string, number | null>; objectives: Record<string, number | null> }[];
      };
      const [all, month] = trial.figures;
      return {
        number: trial.number,
        accepted: trial.accepted,
        weight: trial.params['weight'],
        mar: month?.objectives['mar'] ?? null,
        balance: all?.metrics['final_balance'] ?? null,
      };
    });
  }

  it('asks for the format when the ending does not say it', async () => {
    const run = await workspace.run('studies', 'export', second.study.id, '--out', 'trials.xlsx');
    expect(run).toMatchObject({ exitCode: 2 });
    expect(existsSync(join(workspace.dir, 'trials.xlsx'))).toBe(false);
  });
});

describe('the run folder', () => {
  const findRun = async (id: string): Promise<string> => {
    const name = (await readdir(join(workspace.dir, 'runs'))).find((each) => each.endsWith(id)) ?? 'none';
    return join(workspace.dir, 'runs', name);
  };

  it('holds everything, and its manifest says what each file is', async () => {
    const dir = await findRun(first.study.id);
    expect((await readdir(dir, { recursive: true })).sort()).toEqual([
      'dashboard.html',
      'manifest.json',
      'objectives',
      'objectives/final_balance.30d.csv',
      'objectives/final_balance.all.csv',
      'objectives/mar.30d.csv',
      'objectives/mar.all.csv',
      'summary.csv',
      'summary.json',
      'trials.csv',
      'trials.jsonl',
      'trials.parquet',
    ]);
    const manifest = JSON.parse(await readFile(join(dir, 'manifest.json'), 'utf8')) as Record<string, Record<string, unknown>>;
    expect(manifest['study']).toMatchObject({ id: first.study.id, seed: 1, data_hash: null });
    expect(manifest['provenance']).toMatchObject({
      command: expect.arrayContaining(['optimize']) as unknown,
      node_version: process.version,
    });
    expect(manifest['writer']).toHaveProperty('cpu');
    expect(manifest['files']).toHaveLength(10);
  });

  it('has tables per objective and period, sorted by total return', async () => {
    const dir = await findRun(first.study.id);
    for (const file of await readdir(join(dir, 'objectives'))) {
      const rows = await readTable(`SELECT rank, total_return FROM read_csv('${join(dir, 'objectives', file)}')`);
      const returns = rows.map((row) => Number(row['total_return']));
      expect(returns).toEqual(returns.toSorted((a, b) => b - a));
      expect(rows).toHaveLength(38);
    }
  });

  it('agrees with the summary that the command printed, and weighs the parameters as well', async () => {
    const written = JSON.parse(await readFile(join(await findRun(second.study.id), 'summary.json'), 'utf8')) as StudySummary;
    expect({ ...written, importance: null }).toEqual(second);
    expect(written.importance).toMatchObject({ complete_trials: second.counts.complete, error: null });
  });

  it('is known to the store and names its study to --resume-from', async () => {
    const dir = await findRun(first.study.id);
    const artefacts = await workspace.inStore((store) => store.listArtefacts(first.study.id));
    expect(artefacts.map(({ kind, path }) => [kind, path])).toEqual([['run_folder', `runs/${dir.split('/').at(-1) ?? ''}`]]);
    const run = await workspace.run('optimize', '--resume-from', dir);
    expect(run).toMatchObject({ exitCode: 0 });
    expect(run.stderr).toContain('is complete');
    expect(await workspace.run('studies', 'resume', join(workspace.dir, 'strategies'))).toMatchObject({ exitCode: 3 });
  });
});

describe('DATABASE_URL', () => {
  it('is refused if it names no PostgreSQL, without repeating what may be a password', async () => {
    const run = await runCli(['studies', 'list'], { cwd: workspace.dir, env: { DATABASE_URL: 'mysql://me:secret@host/db' } });
    expect(run).toMatchObject({ exitCode: 3, stdout: '' });
    expect(run.stderr).toContain('DATABASE_URL: expected postgres://');
    expect(run.stderr).not.toContain('secret');
  });
});

describe('studies delete', () => {
  it('asks for --yes, removes the study, and leaves its run folder', async () => {
    const { study } = await workspace.optimize('--config', 'grid.yaml', '--name', 'third');
    const refused = await workspace.run('studies', 'delete', study.id);
    expect(refused).toMatchObject({ exitCode: 2 });
    expect(refused.stderr).toContain('40 trials');
    expect(await workspace.run('studies', 'delete', study.id, '--yes')).toMatchObject({ exitCode: 0 });
    expect(await workspace.run('studies', 'show', study.id)).toMatchObject({ exitCode: 4 });
    expect((await readdir(join(workspace.dir, 'runs'))).filter((name) => name.endsWith(study.id))).toHaveLength(1);
  });
});
