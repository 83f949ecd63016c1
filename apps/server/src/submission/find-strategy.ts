/** Strategies of the workspace: as files of strategies/, and loaded by the name that a request gives. */
import { basename } from 'node:path';
import { checkParameters, loadStrategy, type LoadedStrategy } from '@quantbot/backtest';
import { AppError, type ParameterValues, type StrategyKind } from '@quantbot/core';
import { listContained, type FolderEntry } from '../files/contained-file.ts';
import type { ServerRoom } from '../room.ts';

const KINDS: Readonly<Record<string, StrategyKind>> = { yaml: 'rules', yml: 'rules', py: 'python' };

export interface StrategyFile {
  readonly name: string;
  readonly kind: StrategyKind;
  readonly fileName: string;
  readonly bytes: number;
  readonly modifiedMs: number;
}

/** By name. `name.yaml` hides `name.py`: a name is one strategy. */
export async function listStrategyFiles(strategiesDir: string): Promise<readonly StrategyFile[]> {
  const byName = new Map<string, StrategyFile>();
  for (const entry of await listContained(strategiesDir)) {
    const file = toStrategyFile(entry);
    const other = file === undefined ? undefined : byName.get(file.name);
    if (file !== undefined && (other === undefined || file.kind === 'rules')) byName.set(file.name, file);
  }
  return [...byName.values()].sort((left, right) => (left.name < right.name ? -1 : 1));
}

function toStrategyFile({ name: fileName, isFolder, bytes, modifiedMs }: FolderEntry): StrategyFile | undefined {
  const [, name = '', extension = ''] = /^([A-Za-z0-9][A-Za-z0-9_-]{0,63})\.(yaml|yml|py)$/.exec(fileName) ?? [];
  const kind = KINDS[extension];
  return isFolder || kind === undefined ? undefined : { name, kind, fileName, bytes, modifiedMs };
}

/** STRATEGY_NOT_FOUND. */
export async function getStrategyFile(strategiesDir: string, name: string): Promise<StrategyFile> {
  const found = (await listStrategyFiles(strategiesDir)).find((file) => file.name === name);
  if (found !== undefined) return found;
  throw new AppError('STRATEGY_NOT_FOUND', `strategies/ has no file ${name}.yaml or ${name}.py; see GET /api/strategies`);
}

/** The strategy that a request names, with the parameters that it sets. STRATEGY_NOT_FOUND, INVALID_STRATEGY, INVALID_REQUEST. */
export async function getStrategy({ folders, engine }: ServerRoom, name: string, params: ParameterValues): Promise<LoadedStrategy> {
  const strategy = await loadStrategy({ strategiesDir: folders.strategiesDir, engine }, name);
  checkParameters(strategy, params);
  return strategy;
}

/** What a job keeps of it: its name, its file, and what it said when the job was submitted. */
export function toStrategyFields({ name, path, sourceHash }: LoadedStrategy): {
  strategy_name: string;
  strategy_file: string;
  strategy_source_hash: string;
} {
  return { strategy_name: name, strategy_file: basename(path), strategy_source_hash: sourceHash };
}
