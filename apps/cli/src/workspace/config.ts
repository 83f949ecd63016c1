/** quantbot.yaml: read strictly, so that a misspelt key is an error with its place in the file and not a silent default. */
import { readYamlFile } from '@quantbot/backtest';
import { CapitalSimulatorConfigSchema, ExtremeLimitsSchema, SimulationSettingsSchema, V1BaselineGridSchema } from '@quantbot/core';
import { ServerSettingsSchema } from '@quantbot/server';
import { z } from 'zod';

const ConfigSchema = z.strictObject({
  version: z.literal(1),
  v1_baseline: z
    .strictObject({
      simulator_config: CapitalSimulatorConfigSchema.partial().optional(),
      param_grid: V1BaselineGridSchema.partial().optional(),
      extreme_limits: ExtremeLimitsSchema.partial().optional(),
    })
    .optional(),
  /** Of strategies on candles: below what a strategy says itself. */
  backtest: SimulationSettingsSchema.optional(),
  /** Of `quantbot serve`. */
  server: ServerSettingsSchema.partial().optional(),
});

export type WorkspaceConfig = z.input<typeof ConfigSchema>;

/** What the file says, without defaults: defaults would look as if they had been chosen, and win over nothing. */
export async function readConfig(path: string): Promise<WorkspaceConfig> {
  const { written } = await readYamlFile(path, ConfigSchema, 'INVALID_CONFIG');
  return written as WorkspaceConfig;
}
