import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openStudyWorkspace, type StudyWorkspace } from './study-workspace.ts';

let workspace: StudyWorkspace;
beforeEach(async () => {
  workspace = await openStudyWorkspace();
});
afterEach(async () => {
  await workspace[Symbol.asyncDispose]();
});

const OPTIMIZE = ['optimize', '--config', 'paced.yaml', '--max-workers', '1'] as const;
const TRIALS = 700;
/** So many trials are recorded when something happens to the study. */
const SOME = 50;

describe('Ctrl-C', () => {
  it('once finishes and records the block under way, and the study goes on as if nothing had happened', async () => {
    await workspace.writePaced(TRIALS, 3);
    const running = workspace.start(...OPTIMIZE);
    const study = await workspace.waitForTrials(SOME);
    running.kill('SIGINT');
    const stopped = await running.ended;
    expect(stopped).toMatchObject({ exitCode: 130 });
    expect(stopped.stderr).toContain('Finishing the block under way');
    expect(stopped.stderr).toContain(`Go on with: quantbot studies resume ${study.id}`);
    const [paused] = await workspace.studies();
    expect(paused).toMatchObject({ state: 'paused', reason: 'stopped by the user' });
    expect(paused?.trialsRecorded).toBeGreaterThan(study.trialsRecorded);
    expect(paused?.trialsRecorded).toBeLessThan(TRIALS);

    await workspace.writePaced(TRIALS, 0);
    expect(await workspace.run('studies', 'resume', study.id)).toMatchObject({ exitCode: 0 });
    const undisturbed = await workspace.optimize('--config', 'paced.yaml', '--no-report');
    expect(await workspace.trials(study.id)).toEqual(await workspace.trials(undisturbed.study.id));
  });

  it('twice stops at once and drops the block under way', async () => {
    // The first block takes a quarter of a minute, so both interrupts fall into it.
    await workspace.writePaced(TRIALS, 500);
    const running = workspace.start(...OPTIMIZE, '--no-report');
    await workspace.waitForTrials(0);
    await sleep(1_500);
    running.kill('SIGINT');
    await sleep(400);
    const beganMs = performance.now();
    running.kill('SIGINT');
    const stopped = await running.ended;
    expect(performance.now() - beganMs).toBeLessThan(3_000);
    expect(stopped).toMatchObject({ exitCode: 130 });
    const [study] = await workspace.studies();
    expect(stopped.stderr).toContain(`Go on with: quantbot studies resume ${study?.id ?? ''}`);
    expect(study).toMatchObject({ state: 'paused', trialsRecorded: 0 });
  });
});

describe('a study that another process runs', () => {
  it('is watched until it ends, cannot be run twice, and can be cancelled from elsewhere', async () => {
    await workspace.writePaced(20_000, 1);
    const running = workspace.start(...OPTIMIZE, '--no-report');
    const study = await workspace.waitForTrials(SOME);
    const watching = workspace.start('optimize', '--monitor', study.id);
    const again = await workspace.run('studies', 'resume', study.id);
    expect(again).toMatchObject({ exitCode: 75 });
    expect(again.stderr).toContain('another process works on study');
    expect(await workspace.run('studies', 'delete', study.id, '--yes')).toMatchObject({ exitCode: 75 });

    const cancelled = await workspace.run('studies', 'cancel', study.id);
    expect(cancelled.stdout).toContain('stops after the block under way');
    expect(await running.ended).toMatchObject({ exitCode: 130 });
    const watched = await watching.ended;
    expect(watched).toMatchObject({ exitCode: 0 });
    expect(watched.stdout).toContain('cancelled (cancelled by the user)');
    const resumed = await workspace.run('studies', 'resume', study.id);
    expect(resumed).toMatchObject({ exitCode: 3 });
    expect(resumed.stderr).toContain('was cancelled and stays so');
  });

  it('whose process was killed is not waited for', async () => {
    await workspace.writePaced(20_000, 1);
    const running = workspace.start(...OPTIMIZE, '--no-report');
    const study = await workspace.waitForTrials(SOME);
    running.kill('SIGKILL');
    await running.ended;
    const watched = await workspace.run('studies', 'watch', study.id);
    expect(watched).toMatchObject({ exitCode: 75 });
    expect(watched.stderr).toContain(`quantbot studies resume ${study.id}`);
  });
});

describe('reports in between', () => {
  it('are written every so many trials while the study runs', async () => {
    await workspace.writePaced(20_000, 1);
    const running = workspace.start(...OPTIMIZE, '--report-frequency', '200');
    const study = await workspace.waitForTrials(500);
    const artefacts = await workspace.inStore((store) => store.listArtefacts(study.id));
    const dir = join(workspace.dir, artefacts[0]?.path ?? '');
    const lines = (await readFile(join(dir, 'trials.jsonl'), 'utf8')).trim().split('\n');
    expect(lines.length).toBeGreaterThanOrEqual(200);
    expect(lines.length).toBeLessThan(20_000);
    running.kill('SIGKILL');
    await running.ended;
  });
});

describe('a strategy that changes', () => {
  it('is refused when its study goes on, so that no study mixes two versions', async () => {
    await workspace.writePaced(TRIALS, 3);
    const running = workspace.start(...OPTIMIZE, '--no-report');
    const study = await workspace.waitForTrials(SOME);
    running.kill('SIGTERM');
    expect(await running.ended).toMatchObject({ exitCode: 143 });
    await appendFile(join(workspace.dir, 'paced.py'), '\n# changed\n');
    const resumed = await workspace.run('studies', 'resume', study.id);
    expect(resumed).toMatchObject({ exitCode: 3 });
    expect(resumed.stderr).toContain('paced.py is not what it was');
  });
});
