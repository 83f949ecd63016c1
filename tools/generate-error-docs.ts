/**
 * Writes docs/errors.md from the catalogue in core. With --check nothing is written, and a file that is not current is
 * a failure.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ERROR_CATALOGUE, EXIT_CODES, type ErrorKind } from '@quantbot/core';

const TARGET = path.resolve(import.meta.dirname, '../docs/errors.md');

/** What each exit code tells a script. The keys are checked against the catalogue by the compiler. */
const EXIT_MEANINGS: Readonly<Record<keyof typeof EXIT_CODES, string>> = {
  ok: 'Done.',
  internal: 'A bug in quantbot, or a failure of storage. Please report it with the message.',
  usage: 'The command was called wrongly. Nothing was done.',
  invalidInput: 'A file, a setting or a request breaks a rule. The message names the place.',
  missingData: 'Something that the command needs is not there.',
  jobFailed: 'The work was begun and failed.',
  server: 'A quantbot server could not be reached, did not answer as one does, or does not accept the key.',
  temporary: 'Set-up is incomplete or the disk is full; mend that and run the same command again.',
  deadline: 'A time limit was reached.',
  interrupted: 'Ended by Ctrl-C.',
  terminated: 'Ended by a request to terminate (SIGTERM).',
};

const HEAD = `# Errors and exit codes

<!-- Generated from packages/core/src/errors.ts by \`npm run generate\`. Change it there. -->

Every error that quantbot expects has a code that stays the same between versions. A message says what was expected, what was found and
what to do next. With \`--json\`, and from the engine's one-shot form, an error is
\`{"error": {"code": "...", "message": "...", "retryable": false, "details": {}}}\`.`;

function renderExitCodes(): string {
  const names = Object.keys(EXIT_CODES) as (keyof typeof EXIT_CODES)[];
  const rows = names.map((name) => `| ${String(EXIT_CODES[name])} | ${EXIT_MEANINGS[name]} |`);
  return ['## Exit codes', '', '| Code | Meaning |', '| ---- | ------- |', ...rows].join('\n');
}

function renderCatalogue(): string {
  const kinds: readonly (readonly [string, ErrorKind])[] = Object.entries(ERROR_CATALOGUE);
  const rows = kinds.map(([code, { exitCode, httpStatus, retryable, meaning }]) => {
    return `| \`${code}\` | ${String(exitCode)} | ${String(httpStatus)} | ${retryable ? 'yes' : 'no'} | ${meaning} |`;
  });
  return [
    '## Error codes',
    '',
    '"Again" says whether the same command can succeed when it is run again without a change to its input.',
    '',
    '| Code | Exit | HTTP | Again | Meaning |',
    '| ---- | ---- | ---- | ----- | ------- |',
    ...rows,
  ].join('\n');
}

const wanted = `${HEAD}\n\n${renderExitCodes()}\n\n${renderCatalogue()}\n`;
if (process.argv.includes('--check')) {
  const found = readFileSync(TARGET, 'utf8');
  if (found !== wanted) {
    process.stderr.write('docs/errors.md does not say what packages/core/src/errors.ts says: run `npm run generate`\n');
    process.exitCode = 1;
  }
} else {
  writeFileSync(TARGET, wanted);
}
