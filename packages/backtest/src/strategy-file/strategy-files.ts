/** What lies in a folder of strategies: YAML and Python files side by side, and signals of the user in `signals/` below them. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';

export interface StrategyFile {
  /** Absolute. */
  readonly path: string;
  readonly kind: 'rules' | 'python';
  /** The name of the file without its ending. */
  readonly stem: string;
}

/** In order of their names; none if there is no such folder. Links are not followed: a name must not lead out of the workspace. */
export async function listStrategyFiles(strategiesDir: string): Promise<readonly StrategyFile[]> {
  const names = await listFiles(strategiesDir);
  return names.flatMap((name) => toStrategyFile(join(strategiesDir, name)) ?? []);
}

/** undefined: neither YAML nor Python. */
export function toStrategyFile(path: string): StrategyFile | undefined {
  const ending = extname(path);
  const stem = basename(path, ending);
  if (stem === '' || stem.startsWith('__')) return undefined;
  if (ending === '.py') return { path, kind: 'python', stem };
  return ending === '.yaml' || ending === '.yml' ? { path, kind: 'rules', stem } : undefined;
}

async function listFiles(dir: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(dir, { withFileTypes: true });
    return entries.flatMap((entry) => (entry.isFile() && !entry.name.startsWith('.') ? [entry.name] : [])).sort();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw error;
  }
}

/** Signals of the user that a strategy may name. */
export interface SignalFiles {
  /** Absolute paths, in order of their names. */
  readonly paths: readonly string[];
  /** Names as the files register them, and the names of the files. */
  readonly names: readonly string[];
  /** Over names and contents. */
  readonly hash: string;
}

const SIGNAL = /@(?:\w+\.)?signal\(\s*(?:name\s*=\s*)?["']([A-Za-z_]\w*)["']/g;

/** The signals beside a strategy's file. */
export async function readSignalFiles(strategyPath: string): Promise<SignalFiles> {
  const dir = join(dirname(strategyPath), 'signals');
  const files = (await listFiles(dir)).filter((name) => name.endsWith('.py') && !name.startsWith('__'));
  const hash = createHash('sha256');
  const names: string[] = [];
  for (const name of files) {
    const text = await readFile(join(dir, name), 'utf8');
    names.push(basename(name, '.py'), ...[...text.matchAll(SIGNAL)].map(([, signal = '']) => signal));
    hash.update(JSON.stringify([name, text]));
  }
  return { paths: files.map((name) => join(dir, name)), names: [...new Set(names)], hash: hash.digest('hex') };
}

/** Equal hashes mean equal strategies: its own text, and that of all signals it may use. */
export function hashSource(text: string, signals: SignalFiles): string {
  return createHash('sha256')
    .update(JSON.stringify([text, signals.hash]))
    .digest('hex');
}

/** Hyphens, underscores and letter case make no difference between names. */
export function toComparableName(name: string): string {
  return name.toLowerCase().replaceAll('-', '_');
}
