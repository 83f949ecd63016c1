/** What all commands share: the common flags, and examples at the end of the help. */
import { Command } from 'commander';

export function createCommand(name: string, description: string, examples: readonly string[] = []): Command {
  const command = new Command(name)
    .description(description)
    .option('--workspace <dir>', 'the workspace; default: the first folder from here upwards with a quantbot.yaml')
    .option('-q, --quiet', 'no progress and no remarks on stderr')
    .option('-v, --verbose', 'more detail with errors')
    .option('--no-color', 'plain text');
  return examples.length === 0
    ? command
    : command.addHelpText('after', `\nExamples:\n${examples.map((example) => `  $ ${example}`).join('\n')}`);
}
