/** The run folder of a study: found again or made when a process starts to work on it, written at the end and now and then. */
import { rm } from 'node:fs/promises';
import { isAbsolute, join, relative } from 'node:path';
import { writeRunManifest, writeStudyReport, type PythonEngine } from '@quantbot/backtest';
import { AppError, type Study, type StudyStore } from '@quantbot/core';
import { writeParquet } from '@quantbot/storage';
import type { CliContext } from '../context.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { describeMachine } from './provenance.ts';

export interface RunReporter {
  /** As the user would write it from here. */
  readonly htmlPath: string;
  /** The final one draws the equity of the best trials, which takes the engine. */
  write(options: { readonly isFinal: boolean }): Promise<void>;
}

export interface ReportRun {
  readonly context: CliContext;
  readonly room: { readonly workspace: Workspace; readonly store: StudyStore };
  readonly engineRoom: { readonly engine: PythonEngine; readonly interrupt: { readonly abort: AbortSignal } };
  readonly maxWorkers: number;
}

const RUN_FOLDER = 'run_folder';

export async function createRunReporter({ context, room, engineRoom, maxWorkers }: ReportRun, study: Study): Promise<RunReporter> {
  const { workspace, store } = room;
  const path = (await findRunFolder(store, study.id)) ?? toRunFolder(study, context.nowMs());
  const dir = join(workspace.root, path);
  const writer = {
    command: ['quantbot', ...context.argv],
    workspace: workspace.name,
    quantbot_version: context.version,
    node_version: process.version,
    max_workers: maxWorkers,
    ...describeMachine(),
  };
  const record = async (files: readonly { readonly name: string; readonly sha256: string }[]): Promise<void> => {
    const manifest = files.find(({ name }) => name === 'manifest.json');
    await store.recordArtefact(study.id, { kind: RUN_FOLDER, path, sha256: manifest?.sha256 ?? '', createdAtMs: context.nowMs() });
  };
  await record(await writeRunManifest({ dir, writer, writtenAtMs: context.nowMs() }, study));
  const { engine, interrupt } = engineRoom;
  return {
    htmlPath: toShortPath(context.cwd, join(dir, 'dashboard.html')),
    async write({ isFinal }) {
      const current = await store.findStudy(study.id);
      if (current === undefined) throw new AppError('STUDY_NOT_FOUND', `study ${study.id} was deleted while it ran`);
      const curves = isFinal ? { engine, slicesDir: workspace.slicesDir, signal: interrupt.abort } : undefined;
      const { files } = await writeStudyReport(
        { store, dir, writeParquet, curves, writer, writtenAtMs: context.nowMs(), signal: interrupt.abort },
        current,
      );
      await record(files);
    },
  };
}

/** Of a study that was forgotten again, since it could not begin. */
export async function removeRunFolder({ workspace, store }: ReportRun['room'], id: string): Promise<void> {
  const path = await findRunFolder(store, id);
  if (path !== undefined) await rm(join(workspace.root, path), { recursive: true, force: true });
}

/** Relative to the workspace. A path that leads out of it is not followed: the store may be shared. */
async function findRunFolder(store: StudyStore, id: string): Promise<string | undefined> {
  const artefacts = await store.listArtefacts(id);
  const path = artefacts.find(({ kind }) => kind === RUN_FOLDER)?.path;
  return path === undefined || isAbsolute(path) || path.split(/[/\\]/).includes('..') ? undefined : path;
}

/** `runs/20260131T093000Z-20260131-k3f9ab`. */
function toRunFolder({ id }: Study, nowMs: number): string {
  const time = new Date(nowMs).toISOString().replaceAll(/[-:]/g, '').replace(/\.\d+/, '');
  return `runs/${time}-${id}`;
}

function toShortPath(cwd: string, path: string): string {
  const fromHere = relative(cwd, path);
  return fromHere.startsWith('..') ? path : fromHere;
}
