/** Opens written reports from file:// in a real browser, as a reader would. */
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHROMIUM_FLAGS, CHROMIUM_PATH } from './testing/chromium.ts';
import { buildOutcomeFixture, buildProvenanceFixture, type OutcomeFixtureOptions } from './testing/outcome-fixture.ts';
import { writeV1BaselineReport } from './write-report.ts';

interface OpenPage extends AsyncDisposable {
  readonly page: Page;
  /** Console errors, uncaught errors and requests for anything but the file itself. */
  readonly complaints: readonly string[];
}

describe.skipIf(!existsSync(CHROMIUM_PATH))(`the report in a browser (needs ${CHROMIUM_PATH}; set QUANTBOT_CHROMIUM for another)`, () => {
  let browser: Browser;
  let folder: string;
  let reports = 0;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'quantbot-page-'));
    browser = await chromium.launch({ executablePath: CHROMIUM_PATH, args: CHROMIUM_FLAGS });
  });

  afterAll(async () => {
    await browser.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function openReport(options: OutcomeFixtureOptions, context: BrowserContextOptions = {}): Promise<OpenPage> {
    reports += 1;
    const dir = join(folder, String(reports));
    const { htmlPath } = await writeV1BaselineReport({ ...buildOutcomeFixture(options), provenance: buildProvenanceFixture(), dir });
    const page = await browser.newPage({ viewport: { width: 1400, height: 900 }, ...context });
    const complaints: string[] = [];
    const url = pathToFileURL(htmlPath).href;
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

  const firstColumn = async (page: Page): Promise<string[]> => await page.locator('#callers-table tbody th').allInnerTexts();

  it.each<[string, OutcomeFixtureOptions]>([
    ['a group', {}],
    ['callers alone', { mode: 'per-caller' }],
    ['one search', { mode: 'optimize' }],
    ['nobody in the group', { mode: 'grouped', withoutGroup: true }],
    ['nothing traded', { withoutTrades: true, excludedCalls: 9 }],
    ['one caller and one combination', { callers: ['solo'], grid: { tp_mults: [2], sl_mults: [0.9], max_hold_hrs: [24] } }],
    ['difficult names', { callers: ['</script><script>alert(1)</script>', '🚀 月', 'مرحبا', 'x'.repeat(300), '42', '7', '__proto__'] }],
  ])('opens without errors or requests: %s', async (_name, options) => {
    await using opened = await openReport(options);
    expect(await opened.page.locator('#trades [data-role="table"] *').count()).toBeGreaterThan(0);
    expect(await opened.page.locator('#not-traded [data-role="table"] *').count()).toBeGreaterThan(0);
    expect(opened.complaints).toEqual([]);
  });

  it('sorts the callers by a click and by the keyboard', async () => {
    await using opened = await openReport({ callers: ['b', 'a', 'c'] });
    const { page } = opened;
    const heading = page.locator('#callers-table thead button', { hasText: 'Caller' });
    expect(await firstColumn(page)).toEqual(['b', 'a', 'c']);
    await heading.click();
    expect(await firstColumn(page)).toEqual(['a', 'b', 'c']);
    await heading.press('Enter');
    expect(await firstColumn(page)).toEqual(['c', 'b', 'a']);
    expect(await page.locator('#callers-table th[aria-sort="descending"]').innerText()).toContain('Caller');
    await page.locator('#callers-table thead button', { hasText: 'Final' }).click();
    const finals = (await page.locator('#callers-table tbody tr td:nth-child(3)').allInnerTexts()).map((text) =>
      Number(text.replace(',', '')),
    );
    expect(finals).toEqual([...finals].sort((a, b) => b - a));
  });

  it('lets heat map, chart and trades follow the chosen caller', async () => {
    await using opened = await openReport({});
    const { page } = opened;
    const state = async (): Promise<readonly string[]> => [
      await page.locator('#heat-map table').innerText(),
      await page.locator('[data-role="readout"]').innerText(),
      await page.locator('#trades tbody').innerText(),
    ];
    await page.locator('#heat-map select').selectOption({ label: await findOption(page, 'alpha') });
    const alpha = await state();
    await page.locator('#callers-table button.choose', { hasText: 'bravo' }).click();
    const bravo = await state();
    expect(bravo.map((text, index) => text === alpha[index])).toEqual([false, false, false]);
    expect(await page.locator('tr.chosen').innerText()).toContain('bravo');
    expect(await page.locator('#capital canvas').count()).toBe(2);
  });

  async function findOption(page: Page, name: string): Promise<string> {
    return (await page.locator('#heat-map option', { hasText: name }).textContent()) ?? '';
  }

  it('reads out time, capital and drawdown under the cursor in UTC', async () => {
    await using opened = await openReport({}, { timezoneId: 'America/New_York' });
    const { page } = opened;
    const atEnd = await page.locator('[data-role="readout"]').innerText();
    await page
      .locator('#capital .u-over')
      .first()
      .hover({ position: { x: 300, y: 80 } });
    const under = await page.locator('[data-role="readout"]').innerText();
    expect(under).not.toBe(atEnd);
    expect(under).toMatch(/^2025-\d\d-\d\d \d\d:\d\d UTC\s+capital [\d,]+\s+drawdown [\d.]+%$/);
  });

  it('walks through the heat map with the arrow keys and tells each cell’s figures', async () => {
    await using opened = await openReport({});
    const { page } = opened;
    await page.locator('#heat-map td.best').focus();
    await page.keyboard.press('ArrowRight');
    expect(await page.locator('.tip').innerText()).toMatch(/^target 2\.5×, stop 0\.95×, hold 48 h: [\d,]+ \([+−]?[\d.]+%\), \d+ trades$/);
  });

  it('shows another holding time of the grid', async () => {
    await using opened = await openReport({ mode: 'optimize', grid: { tp_mults: [2, 3], sl_mults: [0.9], max_hold_hrs: [12, 24] } });
    const { page } = opened;
    const first = await page.locator('#heat-map table').innerText();
    const other = (await page.locator('#heat-map [data-role="hold"]').inputValue()) === '0' ? '1' : '0';
    await page.locator('#heat-map [data-role="hold"]').selectOption(other);
    expect(await page.locator('#heat-map table').innerText()).not.toBe(first);
  });

  it('turns pages of trades, sorts and filters them', async () => {
    await using opened = await openReport({ mode: 'optimize', callsPerCaller: 100 });
    const { page } = opened;
    const rows = page.locator('#trades tbody tr');
    expect(await rows.count()).toBe(100);
    const first = await rows.first().innerText();
    await page.locator('#trades').getByLabel('Next page').click();
    expect(await rows.first().innerText()).not.toBe(first);
    await page.locator('#trades thead button', { hasText: 'Profit' }).click();
    const best = Number((await rows.first().locator('td').nth(3).innerText()).replaceAll(/[+,]/g, ''));
    expect(best).toBeGreaterThan(Number((await rows.nth(50).locator('td').nth(3).innerText()).replaceAll(/[+,]/g, '').replace('−', '-')));
    await page.locator('#trades input').fill('stop loss');
    await page.locator('#trades .position', { hasText: 'filtered' }).waitFor();
    expect(new Set(await page.locator('#trades tbody tr td:nth-child(5)').allInnerTexts())).toEqual(new Set(['stop loss']));
  });

  it.each([390, 768])('never scrolls sideways on a screen %i px wide', async (width) => {
    await using opened = await openReport(
      { callers: ['x'.repeat(300), 'b', 'c'], excludedCalls: 200 },
      { viewport: { width, height: 844 } },
    );
    expect(await opened.page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
  });

  it('is dark when the system is, and light when the reader wants it', async () => {
    await using opened = await openReport({}, { colorScheme: 'dark' });
    const { page } = opened;
    const background = async (): Promise<unknown> => await page.evaluate('getComputedStyle(document.body).backgroundColor');
    expect(await background()).toBe('rgb(20, 23, 27)');
    await page.locator('#theme').click();
    expect(await background()).toBe('rgb(251, 251, 249)');
  });

  it('still gives the answer and the callers without JavaScript', async () => {
    await using opened = await openReport({}, { javaScriptEnabled: false });
    expect(await opened.page.locator('h1').innerText()).toContain('Of 4 callers');
    expect(await firstColumn(opened.page)).toHaveLength(4);
    expect(await opened.page.locator('#trades .empty').innerText()).toContain('trades.csv');
  });
});
