/** Where and how a run was made: the part of a report that differs between two runs of the same job. Never part of result.json. */
import { createHash } from 'node:crypto';
import type { StagedFile } from './staged-directory.ts';

export interface RunProvenance {
  /** UTC, ISO 8601. */
  readonly createdAt: string;
  /** Program and arguments as they were given, one entry each. */
  readonly command: readonly string[];
  readonly workspaceName: string;
  readonly nodeVersion: string;
  readonly pythonVersion?: string;
  readonly engineSourceHash: string;
  readonly workers: number;
  /** Stage of the pipeline → duration in milliseconds, in order. */
  readonly timingsMs: Readonly<Record<string, number>>;
  /** Operating system and processor, for example `linux x64`. */
  readonly platform?: string;
}

/** Fields of a manifest. */
export function toMachine(provenance: RunProvenance): Readonly<Record<string, unknown>> {
  return {
    node_version: provenance.nodeVersion,
    python_version: provenance.pythonVersion ?? null,
    platform: provenance.platform ?? null,
    workers: provenance.workers,
    timings_ms: provenance.timingsMs,
  };
}

/** The files of a report in its manifest, each with size and SHA-256. */
export function listFiles(files: readonly StagedFile[]): readonly { name: string; bytes: number; sha256: string }[] {
  return files.map(({ name, content }) => ({
    name,
    bytes: Buffer.byteLength(content),
    sha256: createHash('sha256').update(content).digest('hex'),
  }));
}
