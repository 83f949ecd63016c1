/** Opens written reports from file:// in a real browser, as a reader would. */
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHROMIUM_FLAGS, CHROMIUM_PATH } from '../report/testing/chromium.ts';
import { buildProvenanceFixture } from '../report/testing/outcome-fixture.ts';
import { buildCandleOutcome, type CandleOutcomeOptions } from './testing/candle-outcome.ts';
import { writeCandleBacktestReport } from './write-report.ts';

interface OpenPage extends AsyncDisposable {
  readonly page: Page;
  /** Console errors, uncaught errors and requests for anything but the file itself. */
  readonly complaints: readonly string[];
}

const SMALL: CandleOutcomeOptions = { candles: 1200, trades: 40, symbols: ['BTCUSDT', 'ETHUSDT'] };

describe.skipIf(!existsSync(CHROMIUM_PATH))(
  `the report on candles in a browser (needs ${CHROMIUM_PATH}; set QUANTBOT_CHROMIUM for another)`,
  () => {
    let browser: Browser;
    let folder: string;
    let reports = 0;

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'quantbot-candle-page-'));
      browser = await chromium.launch({ executablePath: CHROMIUM_PATH, args: CHROMIUM_FLAGS });
    });

    afterAll(async () => {
      await browser.close();
      await rm(folder, { recursive: true, force: true });
    });

    async function openReport(options: CandleOutcomeOptions, context: BrowserContextOptions = {}): Promise<OpenPage> {
      reports += 1;
      const { htmlPath } = await writeCandleBacktestReport(
        buildCandleOutcome(options),
        buildProvenanceFixture(),
        join(folder, String(reports)),
      );
      const page = await browser.newPage({ viewport: { width: 1300, height: 900 }, ...context });
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

    const detail = async (page: Page): Promise<string> => await page.locator('#trades [data-role="detail"]').innerText();
    const drawn = async (page: Page): Promise<string> => await page.locator('#trades [data-role="drawn"]').innerText();
    const toNumber = (text: string): number => Number(text.replaceAll(/[+,%]/g, '').replace('−', '-'));

    it.each<[string, CandleOutcomeOptions]>([
      ['several symbols', SMALL],
      ['no trades', { trades: 0, candles: 400 }],
      ['one trade', { trades: 1, candles: 50 }],
      ['only losses', { trades: 20, candles: 900, onlyLosses: true }],
      ['three candles', { trades: 0, candles: 3 }],
      ['difficult names', { candles: 300, trades: 4, symbols: ['</script><script>alert(1)</script>', '__proto__', 'مرحبا'] }],
    ])('opens without errors or requests: %s', async (_name, options) => {
      await using opened = await openReport(options);
      expect(await opened.page.locator('#equity canvas').count()).toBe(3);
      expect(await opened.page.locator('#trades canvas').count()).toBe(1);
      expect(await opened.page.locator('#trades [data-role="table"] *').count()).toBeGreaterThan(0);
      expect(opened.complaints).toEqual([]);
    });

    it('sorts the trades and filters them by side, exit and symbol', async () => {
      await using opened = await openReport(SMALL);
      const { page } = opened;
      const profits = page.locator('#trades tbody tr td:nth-child(5)');
      await page.locator('#trades [data-role="table"] thead button', { hasText: 'Profit' }).click();
      const sorted = (await profits.allInnerTexts()).map(toNumber);
      expect(sorted).toEqual([...sorted].sort((a, b) => b - a));
      await page.locator('[data-role="filter-side"]').selectOption({ label: 'short' });
      await page.locator('[data-role="filter-symbol"]').selectOption({ label: 'ETHUSDT' });
      expect(new Set(await page.locator('#trades tbody tr td:nth-child(3)').allInnerTexts())).toEqual(new Set(['▼ short']));
      expect(new Set(await page.locator('#trades tbody tr td:nth-child(2)').allInnerTexts())).toEqual(new Set(['ETHUSDT']));
      const left = (await profits.allInnerTexts()).map(toNumber);
      expect(left).toEqual([...left].sort((a, b) => b - a));
      expect(await page.locator('#trades .position').innerText()).toContain('filtered from 40');
    });

    it('jumps from trade to trade with brackets, and the chart, the table and the words follow', async () => {
      await using opened = await openReport(SMALL);
      const { page } = opened;
      const before = await drawn(page);
      await page.keyboard.press(']');
      await page.keyboard.press(']');
      expect(await detail(page)).toMatch(/^Trade 2: (long|short) ETHUSDT · 2023-\d\d-\d\d \d\d:\d\d UTC at [\d,.]+ to /);
      expect(await page.locator('#trades tr.chosen button').innerText()).toBe('2');
      await expect.poll(async () => await drawn(page)).not.toBe(before);
      expect(await page.locator('#trades [data-role="symbol"] option:checked').innerText()).toBe('ETHUSDT');
      await page.keyboard.press('[');
      expect(await detail(page)).toMatch(/^Trade 1: .* BTCUSDT/);
    });

    it('shows a trade on the candles when its number in the table is pressed, and marks one in the table when it is clicked on the candles', async () => {
      await using opened = await openReport({ candles: 120, trades: 1 });
      const { page } = opened;
      await page.locator('#trades button.choose').first().click();
      expect(await detail(page)).toMatch(/^Trade 1:/);
      expect(await page.locator('#trades tr.chosen').count()).toBe(1);
      await page.reload();
      expect(await page.locator('#trades tr.chosen').count()).toBe(0);
      const canvas = page.locator('#trades canvas');
      await canvas.scrollIntoViewIfNeeded();
      const box = await canvas.boundingBox();
      for (let y = 20; y < 410 && (await page.locator('#trades tr.chosen').count()) === 0; y += 12)
        await canvas.click({ position: { x: 68 + (((box?.width ?? 0) - 78) * 1.5) / 120, y } });
      expect(await page.locator('#trades tr.chosen').count()).toBe(1);
    });

    it('says which timeframe is drawn, and draws finer candles when the wheel zooms in', async () => {
      await using opened = await openReport({ candles: 9000, trades: 20 });
      const { page } = opened;
      expect(await page.locator('#trades .lead').first().innerText()).toContain('the chart has 2h candles, the strategy traded on 1h');
      await expect.poll(async () => await drawn(page)).toMatch(/^Drawn: 2d candles, each of 24 × 2h; 4,500 of 4,500 in view$/);
      await page.locator('#trades canvas').hover();
      for (let step = 0; step < 12; step += 1) await page.mouse.wheel(0, -200);
      await expect.poll(async () => await drawn(page)).toMatch(/^Drawn: 2h candles; \d+ of 4,500 in view$/);
      await page.locator('#trades [data-role="whole"]').click();
      await expect.poll(async () => await drawn(page)).toContain('4,500 of 4,500');
    });

    it('moves the candles by dragging and by the arrow keys', async () => {
      await using opened = await openReport({ candles: 400, trades: 4 });
      const { page } = opened;
      const canvas = page.locator('#trades canvas');
      await page.locator('#trades [data-role="zoom-in"]').click();
      await page.locator('#trades [data-role="zoom-in"]').click();
      await canvas.hover({ position: { x: 600, y: 200 } });
      const readout = page.locator('#trades [data-role="readout"]');
      const before = await readout.innerText();
      await page.mouse.down();
      await page.mouse.move(300, 300, { steps: 4 });
      await page.mouse.up();
      await canvas.hover({ position: { x: 600, y: 200 } });
      const dragged = await readout.innerText();
      expect(dragged).not.toBe(before);
      await canvas.focus();
      await page.keyboard.press('ArrowRight');
      await canvas.hover({ position: { x: 601, y: 200 } });
      await expect.poll(async () => await readout.innerText()).not.toBe(dragged);
    });

    it('gives every chart a name and a table that says the same', async () => {
      await using opened = await openReport(SMALL);
      const { page } = opened;
      for (const chart of await page.locator('[role="img"]').all()) expect(await chart.getAttribute('aria-label')).toMatch(/\w{4}/);
      const twins = page.locator('details');
      expect(await twins.count()).toBe(4);
      for (const twin of await twins.all()) {
        await twin.locator('summary').click();
        await twin.locator('tbody tr').first().waitFor();
      }
      const counted = (await page.locator('[data-role="histogram-table"] tbody tr td:last-child').allInnerTexts()).map(Number);
      expect(counted.reduce((total, count) => total + count, 0)).toBe(40);
      expect(opened.complaints).toEqual([]);
    });

    it('draws equity on a logarithmic scale when asked', async () => {
      await using opened = await openReport(SMALL);
      await opened.page.locator('[data-role="log"]').check();
      expect(await opened.page.locator('#equity figcaption').first().innerText()).toBe('Equity, logarithmic');
      expect(opened.complaints).toEqual([]);
    });

    it('reads out strategy, buy and hold, drawdown and exposure under the cursor in UTC, and a click shows the trade of that moment', async () => {
      await using opened = await openReport(SMALL, { timezoneId: 'America/New_York' });
      const { page } = opened;
      await page
        .locator('#equity .u-over')
        .first()
        .click({ position: { x: 500, y: 80 } });
      expect(await page.locator('#equity [data-role="readout"]').innerText()).toMatch(
        /^2023-\d\d-\d\d \d\d:\d\d UTC\s+strategy [\d,]+\s+buy and hold [\d,]+\s+drawdown [\d.]+%\s+in the market [\d.]+%$/,
      );
      expect(await detail(page)).toMatch(/^Trade \d+:/);
    });

    it('prints the return of every month and shows a dash with its reason for a figure without a value', async () => {
      await using opened = await openReport({ trades: 0, candles: 2000 });
      const { page } = opened;
      expect(await page.locator('#monthly tbody tr').count()).toBe(2);
      expect(await page.locator('#figures tr', { hasText: 'Win rate' }).locator('td').last().innerText()).toBe('— no trades');
      expect(await page.locator('#answer .alarm').innerText()).toContain('made no trade');
    });

    it.each([400, 768])('never scrolls sideways on a screen %i px wide', async (width) => {
      await using opened = await openReport({ ...SMALL, strategy: 'x'.repeat(200) }, { viewport: { width, height: 844 } });
      expect(await opened.page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    });

    it('is dark when the system is, and light when the reader wants it, the candles too', async () => {
      await using opened = await openReport({ candles: 200, trades: 2 }, { colorScheme: 'dark' });
      const { page } = opened;
      const pixels = async (): Promise<unknown> => await page.evaluate("document.querySelector('#trades canvas').toDataURL()");
      const background = async (): Promise<unknown> => await page.evaluate('getComputedStyle(document.body).backgroundColor');
      expect(await background()).toBe('rgb(20, 23, 27)');
      await expect.poll(async () => await drawn(page)).toContain('Drawn');
      const dark = await pixels();
      await page.locator('#theme').click();
      expect(await background()).toBe('rgb(251, 251, 249)');
      await expect.poll(pixels).not.toBe(dark);
    });

    it('stays fluid with ten thousand trades and twenty thousand points', async () => {
      await using opened = await openReport({ symbols: ['A', 'B', 'C'], candles: 20_000, trades: 10_000, chartCandles: 20_000 });
      const { page } = opened;
      expect(await page.locator('#trades tbody tr').count()).toBe(100);
      const start = performance.now();
      for (let step = 0; step < 20; step += 1) await page.keyboard.press(']');
      expect(await detail(page)).toMatch(/^Trade 20:/);
      // A guard against work that grows with the square of the trades, not a measure of speed.
      expect(performance.now() - start).toBeLessThan(20_000);
      expect(opened.complaints).toEqual([]);
    });

    it('still gives the answer, the figures and the assumptions without JavaScript', async () => {
      await using opened = await openReport(SMALL, { javaScriptEnabled: false });
      const { page } = opened;
      expect(await page.locator('h1').innerText()).toMatch(/^10,000 became/);
      expect(await page.locator('#figures tbody tr').count()).toBeGreaterThan(8);
      expect(await page.locator('#trades .empty').innerText()).toContain('trades.csv');
    });
  },
);
