/** `quantbot studies export`: all trials of a study as one file, in the form that the report has them in. */
import { stat } from 'node:fs/promises';
import { basename, dirname, extname, relative, resolve, sep } from 'node:path';
import { exportTrials, openStagedDirectory, type TrialFormat } from '@quantbot/backtest';
import { AppError, type Study } from '@quantbot/core';
import { writeParquet } from '@quantbot/storage';
import { Option, type Command } from 'commander';
import type { CliContext } from '../context.ts';
import { withStudies } from '../remote/open-studies.ts';
import { addServerFlags, type ServerFlags } from '../remote/server.ts';
import { getStudy, type StudyRoom } from '../studies/study-store.ts';
import { formatCount } from '../terminal/format.ts';
import { watchInterrupts } from '../terminal/interrupt.ts';
import { createCommand } from './command.ts';

const FORMATS = ['csv', 'jsonl', 'parquet'] as const satisfies readonly TrialFormat[];

interface ExportFlags extends ServerFlags {
  readonly format?: TrialFormat;
  readonly out: string;
  readonly json?: boolean;
}

export function createStudiesExportCommand(context: CliContext): Command {
  return addServerFlags(
    createCommand('export', 'All trials of a study as one file', [
      'quantbot studies export 20260131-k3f9ab --out trials.parquet',
      'quantbot studies export k3f9 --format csv --out trials.csv',
      'quantbot studies export k3f9 --format jsonl --out trials.jsonl',
    ]),
  )
    .argument('<study>', 'its id or an unambiguous beginning of it')
    .addOption(new Option('--format <format>', 'form of the file (default: by its ending)').choices(FORMATS))
    .requiredOption('--out <file>', 'the file; one that is there is replaced')
    .option('--json', 'as JSON')
    .action(async (id: string, flags: ExportFlags) => {
      await exportStudy(context, flags, id);
    });
}

async function exportStudy(context: CliContext, flags: ExportFlags, id: string): Promise<void> {
  const path = resolve(context.cwd, flags.out);
  const format = flags.format ?? toFormat(flags.out);
  if (await isFolder(path)) throw new AppError('USAGE', `--out: expected a file, found a folder: ${path}`);
  const interrupt = watchInterrupts();
  try {
    await withStudies(context, flags, async ({ store, here }) => {
      const study = await getStudy(store, id);
      await using staged = await openStagedDirectory(dirname(path));
      await exportTrials({ store, study, signal: interrupt.signal }, { staged, name: basename(path), format, writeParquet });
      await staged.commit();
      const [file] = staged.list();
      if (file !== undefined && here !== undefined) await recordExport(here, study, { path, sha256: file.sha256, atMs: context.nowMs() });
      context.stdout.write(
        flags.json === true
          ? `${JSON.stringify({ id: study.id, path, format, trials: study.trialsRecorded, sha256: file?.sha256 })}\n`
          : `Wrote ${formatCount(study.trialsRecorded)} trials of study ${study.id} to ${flags.out}\n`,
      );
    });
  } finally {
    interrupt.stop();
  }
}

interface ExportedFile {
  readonly path: string;
  readonly sha256: string;
  readonly atMs: number;
}

/** Artefacts are named by their place in the workspace; a file elsewhere is none of its. */
async function recordExport({ workspace, store }: StudyRoom, { id }: Study, { path, sha256, atMs }: ExportedFile): Promise<void> {
  const place = relative(workspace.root, path).split(sep).join('/');
  if (!place.startsWith('..')) await store.recordArtefact(id, { kind: 'export', path: place, sha256, createdAtMs: atMs });
}

function toFormat(file: string): TrialFormat {
  const ending = extname(file).slice(1).toLowerCase();
  const format = FORMATS.find((each) => each === ending);
  if (format === undefined)
    throw new AppError('USAGE', `--format: expected one of ${FORMATS.join(', ')}, since the ending of ${file} is none of them`);
  return format;
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
