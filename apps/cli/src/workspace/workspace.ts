/** A workspace: the user's folder with quantbot.yaml, data/ (the catalogue), studies.db, runs/ (reports) and strategies/. Everything a run needs is in it. */
import { access, mkdir, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { AppError } from '@quantbot/core';

const CONFIG_FILE = 'quantbot.yaml';

export interface Workspace {
  readonly root: string;
  readonly name: string;
  readonly configPath: string;
  readonly dataDir: string;
  readonly slicesDir: string;
  readonly runsDir: string;
  /** Strategies on candles: YAML, Python, and signals/ for signals of their own. */
  readonly strategiesDir: string;
  /** The study store, unless DATABASE_URL names another. */
  readonly studiesPath: string;
}

export function toWorkspace(root: string): Workspace {
  const dataDir = join(root, 'data');
  return {
    root,
    name: basename(root),
    configPath: join(root, CONFIG_FILE),
    dataDir,
    slicesDir: join(dataDir, 'slices'),
    runsDir: join(root, 'runs'),
    strategiesDir: join(root, 'strategies'),
    studiesPath: join(root, 'studies.db'),
  };
}

/** The folder asked for, else the first folder from here upwards that holds quantbot.yaml. */
export async function findWorkspace(asked: string | undefined, from: string): Promise<Workspace> {
  if (asked !== undefined) {
    const root = resolve(from, asked);
    if (await exists(join(root, CONFIG_FILE))) return toWorkspace(root);
    throw new AppError(
      'NO_WORKSPACE',
      `expected a workspace in ${root}, found no ${CONFIG_FILE}; create one with \`quantbot init ${asked}\``,
    );
  }
  for (let dir = resolve(from); ; dir = dirname(dir)) {
    if (await exists(join(dir, CONFIG_FILE))) return toWorkspace(dir);
    if (dir === dirname(dir))
      throw new AppError(
        'NO_WORKSPACE',
        `found no ${CONFIG_FILE} in ${from} or above it; create a workspace with \`quantbot init\`, or name one with --workspace DIR`,
      );
  }
}

const FIRST_CONFIG = `# A quantbot workspace. Flags of a command win over this file, this file over quantbot's defaults.
version: 1

# Strategies on candles stand in strategies/: \`quantbot strategies new NAME\` writes one to begin with, \`quantbot backtest run NAME\`
# tests it. What a strategy does not say itself is decided here:
# backtest:
#   initial_capital: 10000
#   costs: { type: basis_points, fee_bps: 10, slippage_bps: 5 }
#   entry_fill: next_open          # or signal_close

# v1_baseline:
#   simulator_config:
#     initial_capital: 10000       # money at the start
#     max_allocation_pct: 0.04     # of free cash, per position
#     max_risk_per_trade: 200      # 1 or more: money; below 1: fraction of equity
#     taker_fee_bps: 30            # per side
#     slippage_bps: 10             # per side
#   param_grid:
#     tp_mults: [1.5, 2, 2.5, 3, 4, 5]
#     sl_mults: [0.85, 0.88, 0.9, 0.92, 0.95]
#     max_hold_hrs: [48]
`;

/** Makes the folders and quantbot.yaml; refuses a folder that already is a workspace. */
export async function createWorkspace(root: string): Promise<Workspace> {
  const workspace = toWorkspace(root);
  if (await exists(workspace.configPath))
    throw new AppError('WORKSPACE_EXISTS', `${root} already is a workspace: it holds ${CONFIG_FILE}. Nothing was changed`);
  if ((await exists(root)) && !(await stat(root)).isDirectory()) throw new AppError('USAGE', `expected a folder, found a file: ${root}`);
  for (const dir of [root, workspace.dataDir, workspace.runsDir, workspace.strategiesDir]) await mkdir(dir, { recursive: true });
  await writeFile(workspace.configPath, FIRST_CONFIG, { flag: 'wx' });
  return workspace;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
