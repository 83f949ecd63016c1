import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { countPytest, countVitest, toSummary } from './test-counts.mjs';

const folder = mkdtempSync(path.join(tmpdir(), 'quantbot-counts-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function write(name: string, content: string): string {
  const file = path.join(folder, name);
  writeFileSync(file, content);
  return file;
}

const VITEST = { numPassedTests: 5, numFailedTests: 0, numPendingTests: 1, numTodoTests: 0, testResults: [] };

describe('counting both suites', () => {
  it('adds them up in one line', () => {
    const vitest = countVitest(write('v.json', JSON.stringify(VITEST)), 0);
    const xml = '<testsuites><testsuite name="pytest" errors="0" failures="2" skipped="0" tests="10" time="1.0">';
    const pytest = countPytest(write('p.xml', xml), 1);
    expect(toSummary([vitest, pytest])).toBe('13 passed, 2 failed, 1 skipped');
  });

  it('leaves the skipped ones out of the line when there are none', () => {
    expect(toSummary([{ passed: 3, failed: 0, skipped: 0 }])).toBe('3 passed, 0 failed');
  });

  it('counts a test file that cannot be loaded as a failure', () => {
    const report = { ...VITEST, testResults: [{ status: 'failed', assertionResults: [] }] };
    expect(countVitest(write('broken.json', JSON.stringify(report)), 1)).toMatchObject({ passed: 5, failed: 1 });
  });

  it('counts a runner that left no report as a failure', () => {
    expect(countVitest(path.join(folder, 'missing.json'), 0)).toEqual({ passed: 0, failed: 1, skipped: 0 });
    expect(countPytest(path.join(folder, 'missing.xml'), 2)).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });

  it('does not believe a runner that fails without a failed test', () => {
    expect(countVitest(write('lies.json', JSON.stringify(VITEST)), 1).failed).toBe(1);
  });
});
