/** Opens the dashboards of real studies from file:// in a real browser, as a reader would. */
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { StudySummary } from '@quantbot/backtest';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GRID, openStudyWorkspace, type StudyWorkspace } from './study-workspace.ts';

const browserPath = process.env['QUANTBOT_CHROMIUM'] ?? '/usr/bin/chromium';
const CHROMIUM_FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-quic',
];

interface OpenPage extends AsyncDisposable {
  readonly page: Page;
  /** Console errors, uncaught errors and requests for anything but the file itself. */
  readonly complaints: readonly string[];
}

/** Names and values of a user who means no good, a condition, and a parameter that is never the same. */
const HOSTILE = `
name: "</script><script>alert(1)</script>"
strategy: {name: paced, files: [paced.py]}
parameters:
  x: {low: 0, high: 500}
  "<b>name</b>": ["</script>", "🚀", "=1+1", "مرحبا"]
  y: {low: 0.001, high: 1, log: true}
  z: {low: 1, high: 9, when: {"<b>name</b>": "🚀"}}
sampler: random
trials: 300
seed: 4
objectives: [total_return]
result_constraints: [total_return > 0.1]
`;

const ALWAYS_THIRTEEN = `
strategy: {name: paced, files: [paced.py]}
parameters: {x: [13], y: [1, 2, 3]}
sampler: grid
objectives: [total_return]
`;

describe.skipIf(!existsSync(browserPath))(`the dashboard in a browser (needs ${browserPath}; set QUANTBOT_CHROMIUM for another)`, () => {
  let browser: Browser;
  let workspace: StudyWorkspace;

  beforeAll(async () => {
    workspace = await openStudyWorkspace({ withMarket: true });
    await workspace.writePaced(1, 0);
    await workspace.write('market.yaml', `${GRID}success_criteria: {max_drawdown: 0.03}\n`);
    await workspace.write('hostile.yaml', HOSTILE);
    await workspace.write('failing.yaml', ALWAYS_THIRTEEN);
    await workspace.optimize('--config', 'market.yaml', '--seed', '1', '--name', 'market');
    await workspace.optimize('--config', 'hostile.yaml');
    await workspace.optimize('--config', 'paced.yaml', '--name', 'lone');
    expect(await workspace.run('optimize', '--config', 'failing.yaml', '--name', 'failing')).toMatchObject({ exitCode: 5 });
    browser = await chromium.launch({ executablePath: browserPath, args: CHROMIUM_FLAGS });
  }, 240_000);

  afterAll(async () => {
    await browser.close();
    await workspace[Symbol.asyncDispose]();
  });

  async function findRun(name: string): Promise<string> {
    const study = (await workspace.studies()).find((each) => each.name.startsWith(name));
    const run = (await readdir(join(workspace.dir, 'runs'))).find((each) => each.endsWith(study?.id ?? 'none')) ?? 'none';
    return join(workspace.dir, 'runs', run);
  }

  async function openDashboard(name: string, context: BrowserContextOptions = {}): Promise<OpenPage> {
    const page = await browser.newPage({ viewport: { width: 1400, height: 900 }, ...context });
    const complaints: string[] = [];
    const url = pathToFileURL(join(await findRun(name), 'dashboard.html')).href;
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => request.url() !== url && !request.url().startsWith('data:') && complaints.push(request.url()));
    await page.goto(url);
    return {
      page,
      complaints,
      [Symbol.asyncDispose]: async () => {
        await page.close();
      },
    };
  }

  const column = async (page: Page, place: number): Promise<string[]> =>
    page.locator(`#trials tbody tr td:nth-child(${String(place)})`).allInnerTexts();
  const position = (page: Page): Promise<string> => page.locator('#trials .position').innerText();

  it.each<[string, string, BrowserContextOptions]>([
    ['a study of calls', 'market', {}],
    ['difficult names', '</script>', {}],
    ['nothing but failures', 'failing', {}],
    ['a telephone', 'market', { viewport: { width: 390, height: 840 } }],
    ['the dark', '</script>', { colorScheme: 'dark' }],
  ])('opens without errors or requests, and without scrolling sideways: %s', async (_what, name, context) => {
    await using opened = await openDashboard(name, context);
    const { page, complaints } = opened;
    expect(await page.locator('#answer h1').innerText()).not.toBe('');
    await page.locator('#origin').scrollIntoViewIfNeeded();
    expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBe(0);
    expect(complaints).toEqual([]);
  });

  it('shows the errors of failed trials and why others were rejected', async () => {
    await using failing = await openDashboard('failing');
    expect(await failing.page.locator('#failures-table tbody tr').count()).toBe(3);
    expect(await failing.page.locator('#failures-table').innerText()).toContain('thirteen is unlucky');
    await using hostile = await openDashboard('</script>');
    expect(await hostile.page.locator('#reasons-table').innerText()).toContain('total_return > 0.1');
    await hostile.page.getByLabel('Filter: Trials, all').fill('total_return >');
    await hostile.page.locator('#trials .position', { hasText: 'filtered from' }).waitFor();
    expect(await hostile.page.locator('#trials .badge.rejected').first().innerText()).toBe('total_return > 0.1');
  });

  it('sorts the trials by a heading, first by the objective', async () => {
    await using opened = await openDashboard('market');
    const { page } = opened;
    const balances = (await column(page, 3)).map((text) => Number(text.replace(',', '')));
    expect(balances).toEqual(balances.toSorted((a, b) => b - a));
    expect(await column(page, 2)).toContainEqual(expect.stringContaining('★ best final balance'));
    await page.locator('#trials thead button', { hasText: 'tp_mult' }).click();
    const targets = (await column(page, 12)).map(Number);
    expect(new Set(targets).size).toBe(8);
    expect(targets).toEqual(targets.toSorted((a, b) => b - a));
    await page.locator('#best-table thead button', { hasText: 'Best' }).click();
    const best = (await page.locator('#best-table tbody td:nth-child(3)').allInnerTexts()).map((text) => Number(text.replace(',', '')));
    expect(best).toEqual(best.toSorted((a, b) => b - a));
  });

  it('narrows the trials down to a range brushed on an axis, and back', async () => {
    await using opened = await openDashboard('market');
    const { page } = opened;
    expect(await position(page)).toBe('1–24 of 24');
    const canvas = page.locator('#parallel canvas');
    await canvas.scrollIntoViewIfNeeded();
    const box = (await canvas.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
    // The first axis is the target: its upper half are 4 of 8 values.
    await page.mouse.move(box.x + 54, box.y + 20);
    await page.mouse.down();
    await page.mouse.move(box.x + 54, box.y + box.height / 2, { steps: 4 });
    await page.mouse.up();
    expect(await position(page)).toBe('1–12 of 12');
    expect(Math.min(...(await column(page, 12)).map(Number))).toBe(2.25);
    await page.locator('#parallel button', { hasText: 'Clear ranges' }).click();
    expect(await position(page)).toBe('1–24 of 24');
  });

  it('takes ranges from the keyboard too', async () => {
    await using opened = await openDashboard('market');
    const { page } = opened;
    await page.locator('#parallel summary').click();
    await page.getByLabel('tp_mult from').fill('2.75');
    await page.getByLabel('tp_mult from').press('Enter');
    expect(await position(page)).toBe('1–6 of 6');
  });

  it('weighs the parameters for each objective, as the summary does, the weightiest with the longest bar', async () => {
    await using opened = await openDashboard('market');
    const { page } = opened;
    const { importance } = JSON.parse(await readFile(join(await findRun('market'), 'summary.json'), 'utf8')) as StudySummary;
    expect(importance).toMatchObject({ period: 'all', complete_trials: 24, sampled_trials: 24, error: null });
    expect(await page.locator('#importance caption').allInnerTexts()).toEqual([
      'final balance rests on 24 trials',
      'mar rests on 24 trials',
    ]);
    const shares = Object.entries(importance?.objectives[0]?.importance ?? {}).toSorted(([, a], [, b]) => b - a);
    const table = page.getByRole('table', { name: 'final balance rests on 24 trials' });
    expect(await table.getByRole('rowheader').allInnerTexts()).toEqual(shares.map(([name]) => name));
    const widths = await Promise.all((await table.locator('rect').all()).map(async (bar) => (await bar.boundingBox())?.width ?? 0));
    expect(widths).toHaveLength(2);
    const [[, first] = ['', 0], [, second] = ['', 0]] = shares;
    expect((widths[0] ?? 0) / (widths[1] ?? 0)).toBeCloseTo(first / second, 0);
  });

  it('says that a lone trial is too few to weigh parameters by, and nothing where all failed', async () => {
    await using lone = await openDashboard('lone');
    expect(await lone.page.locator('#importance .empty').innerText()).toBe(
      'Too few trials: 1 trial has a value of it, at least 20 are needed.',
    );
    await using failing = await openDashboard('failing');
    expect(await failing.page.locator('#importance').count()).toBe(0);
  });

  it('maps two parameters against any figure, and says what a cell holds', async () => {
    await using opened = await openDashboard('market');
    const { page } = opened;
    expect(await page.locator('#surface tbody td').count()).toBe(24);
    await page.locator('#surface select[data-role="figure"]').selectOption('max_drawdown');
    await page.locator('#surface select[data-role="kind"]').selectOption('near');
    const cell = page.locator('#surface tbody td').first();
    await cell.hover();
    expect(await page.locator('#surface .tip').innerText()).toMatch(
      /tp_mult 1\.25, sl_mult 0\.8: max drawdown \d+\.\d+% \(median with neighbours \(robust\) of 1 trial\)/,
    );
    await page.locator('#surface select[data-role="kind"]').selectOption('count');
    expect(new Set(await page.locator('#surface tbody td').allInnerTexts())).toEqual(new Set(['1']));
  });

  it('draws the equity of the best trials, ends at their final balance, and hides a line on demand', async () => {
    await using opened = await openDashboard('market', { timezoneId: 'America/New_York' });
    const { page } = opened;
    expect(await page.locator('#equity canvas').count()).toBe(2);
    expect(await page.locator('#equity li').count()).toBe(5);
    const leader = await page.locator('#equity li').first().innerText();
    const balance = (await page.locator('#best-table tbody td:nth-child(3)').first().innerText()).trim();
    expect(leader).toContain(`: ${balance},`);
    expect(await page.locator('#equity [data-role="readout"]').innerText()).toMatch(/End · 2024-01-\d\d \d\d:\d\d UTC/);
    await page.locator('#equity li input').first().uncheck();
    expect(await page.locator('#equity [data-role="readout"] span').count()).toBe(5);
  });

  it('lets all sections follow the chosen period', async () => {
    await using opened = await openDashboard('market');
    const { page } = opened;
    await page.locator('#trials select[data-role="period"]').selectOption('30d');
    expect(await page.locator('#surface select[data-role="period"]').inputValue()).toBe('30d');
    expect(await page.locator('#trials .scroll').getAttribute('aria-label')).toBe('Trials, 30d');
  });
});
