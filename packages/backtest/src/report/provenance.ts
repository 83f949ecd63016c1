/** Where and how a run was made: the part of a report that differs between two runs of the same job. Never part of result.json. */

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
