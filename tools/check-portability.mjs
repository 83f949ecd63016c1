/**
 * Fails when a tracked file names a package registry's host or a path of one machine: locks and scripts must work
 * with whatever index the user has configured. The patterns are written so that they do not match this file.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { inRepo, repoRoot } from './setup/paths.mjs';

const BANNED = [
  { pattern: /registry\.(npmjs|yarnpkg)\.[a-z]+/, what: 'a host of an npm registry' },
  { pattern: /(files\.)?python(hosted|-index)\.[a-z]{2,}|\bpypi\.[a-z]{2,}/i, what: 'a host of a Python index' },
  { pattern: /"resolved": "ht{2}p/, what: 'an address in a lock file' },
  { pattern: /\/work\/(main|shared)|\/root\/|\/home\/[a-z]+\/|\/tmp\/[a-z]/i, what: 'a path of one machine' },
];

const tracked = execFileSync('git', ['ls-files', '-z'], { cwd: repoRoot, encoding: 'utf8' }).split('\0').filter(Boolean);
const findings = tracked.flatMap(listFindings);
for (const finding of findings) process.stdout.write(`${finding}\n`);
process.exitCode = findings.length === 0 ? 0 : 1;

/** @param {string} file */
function listFindings(file) {
  const lines = readText(file).split('\n');
  return lines.flatMap((line, index) =>
    BANNED.filter(({ pattern }) => pattern.test(line)).map(({ what }) => `${file}:${index + 1}: ${what}`),
  );
}

/** A file that was deleted but not yet committed has nothing to say. @param {string} file */
function readText(file) {
  try {
    return readFileSync(inRepo(file), 'utf8');
  } catch {
    return '';
  }
}
