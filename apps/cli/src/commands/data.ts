/** `quantbot data ...`: fill the catalogue and see what is in it. */
import { Command } from 'commander';
import type { CliContext } from '../context.ts';
import { createDataCoverageCommand } from './data-coverage.ts';
import { createDataFetchSwapCostsCommand } from './data-fetch-swap-costs.ts';
import { createDataFetchCommand } from './data-fetch.ts';
import { createDataImportCommand } from './data-import.ts';
import { createDataListCommand } from './data-list.ts';

export function createDataCommand(context: CliContext): Command {
  return new Command('data')
    .description('Candles and calls of the workspace')
    .addCommand(createDataImportCommand(context))
    .addCommand(createDataFetchCommand(context))
    .addCommand(createDataFetchSwapCostsCommand(context))
    .addCommand(createDataListCommand(context))
    .addCommand(createDataCoverageCommand(context));
}
