/** What the server is given by apps/cli: stores, catalogue, folders, functions that know files and the engine, clock and chance. */
import type { PythonEngine } from '@quantbot/backtest';
import type { JobStore, KeyStore, MarketDataCatalogue, Role, SimulationSettings, StudyStore } from '@quantbot/core';
import type { ServerSettings } from './settings.ts';

interface ServerFolders {
  readonly root: string;
  readonly runsDir: string;
  readonly strategiesDir: string;
  /** For uploads until they are imported; emptied at the start. */
  readonly uploadsDir: string;
}

/** The part of the job runner that routes speak to. */
export interface RunnerPort {
  wake(): void;
  hurry(id: string): void;
  readonly running: number;
}

export interface ServerRoom {
  readonly settings: ServerSettings;
  readonly version: string;
  readonly workspaceName: string;
  readonly database: 'sqlite' | 'postgres';
  readonly folders: ServerFolders;
  readonly studies: StudyStore;
  readonly jobs: JobStore;
  readonly keys: KeyStore;
  readonly catalogue: MarketDataCatalogue;
  /** Whether candles that are not in the catalogue can be had from elsewhere when a job runs. */
  readonly fetchesCandles: boolean;
  /** null: this server takes jobs but leaves running them to others on the same database. */
  readonly runner: RunnerPort | null;
  /** Asked what strategies are; jobs have engines of their own. */
  readonly engine: PythonEngine;
  /** The `backtest:` block of quantbot.yaml: below what a strategy says itself. */
  readonly defaults: SimulationSettings;
  readonly createId: () => string;
  readonly nowMs: () => number;
  readonly randomBytes: (count: number) => Buffer;
  /** Signs tokens; 32 bytes or more. */
  readonly jwtSecret: Uint8Array;
  /** Where log lines go. */
  readonly log: { write(line: string): void };
}

/** Who calls: a key, a token made from one, or everybody on this machine where authentication is off. */
export interface Principal {
  readonly id: string;
  readonly role: Role;
}
