/** Reads what the two test runners report to a file, so that one line can say how both went. */
import { readFileSync } from 'node:fs';

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

/** A runner that left no report, or that says it failed without a failed test, counts as one failure. */
const BROKEN = { passed: 0, failed: 1, skipped: 0 };

/** @param {string} file @param {number} exitCode @returns {Counts} */
export function countVitest(file, exitCode) {
  const text = readIfThere(file);
  if (text === undefined) return BROKEN;
  /** @type {{ numPassedTests: number, numFailedTests: number, numPendingTests: number, numTodoTests: number, testResults: { status: string, assertionResults: unknown[] }[] }} */
  const report = JSON.parse(text);
  const brokenFiles = report.testResults.filter(({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0);
  return admitFailure(
    {
      passed: report.numPassedTests,
      failed: report.numFailedTests + brokenFiles.length,
      skipped: report.numPendingTests + report.numTodoTests,
    },
    exitCode,
  );
}

/** @param {string} file @param {number} exitCode @returns {Counts} */
export function countPytest(file, exitCode) {
  const suite = /<testsuite [^>]*>/.exec(readIfThere(file) ?? '')?.[0];
  if (suite === undefined) return BROKEN;
  /** @param {string} name */
  const read = (name) => Number(new RegExp(`\\b${name}="(\\d+)"`).exec(suite)?.[1] ?? 0);
  const failed = read('failures') + read('errors');
  const skipped = read('skipped');
  // A test that passes and then fails to clean up is in errors, and would otherwise make the passed ones too few.
  return admitFailure({ passed: Math.max(0, read('tests') - failed - skipped), failed, skipped }, exitCode);
}

/** @param {readonly Counts[]} counts */
export function toSummary(counts) {
  /** @param {keyof Counts} key */
  const sum = (key) => counts.reduce((total, one) => total + one[key], 0);
  const skipped = sum('skipped') === 0 ? '' : `, ${sum('skipped')} skipped`;
  return `${sum('passed')} passed, ${sum('failed')} failed${skipped}`;
}

/** @param {Counts} counts @param {number} exitCode */
function admitFailure(counts, exitCode) {
  return exitCode !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

/** @param {string} file */
function readIfThere(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
