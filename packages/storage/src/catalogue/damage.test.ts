import { cpSync, mkdtempSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openCatalogue } from './open-catalogue.ts';

const CANDLES = 'timestamp,open,high,low,close,volume\n0,1,2,1,1,1\n60,1,2,1,1,1\n120,1,2,1,1,1\n';

/** A catalogue that is closed, so that all of it is in its own files. */
async function fillCatalogue(folder: string, dataDir: string): Promise<void> {
  const catalogue = await openCatalogue(dataDir);
  writeFileSync(join(folder, 'a_1m.csv'), CANDLES);
  writeFileSync(join(folder, 'calls.csv'), 'id,token,author,time\n1,PEPE,x,1700000000\n');
  const rules = { mapping: {}, onConflict: 'refuse' } as const;
  await catalogue.importCandles({ source: { path: join(folder, 'a_1m.csv'), format: 'csv' }, instrument: 'PEPE', ...rules });
  await catalogue.importCalls({ source: { path: join(folder, 'calls.csv'), format: 'csv' }, ...rules });
  await catalogue.close();
}

/** Lists everything and reads everything; what a run would notice. */
async function readAll(dataDir: string): Promise<string> {
  const catalogue = await openCatalogue(dataDir);
  try {
    const series = await catalogue.listSeries();
    const rows: number[] = [];
    for await (const { candles } of catalogue.readCandles(series)) rows.push(candles.timestamp.length);
    return JSON.stringify([series.length, rows, (await catalogue.listCalls()).length]);
  } finally {
    await catalogue.close();
  }
}

describe('a file of the catalogue that was cut off', () => {
  it('is a clear error or changes nothing, wherever the cut is, and never loses data in silence', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'quantbot-damage-'));
    const dataDir = join(folder, 'data');
    await fillCatalogue(folder, dataDir);
    const whole = await readAll(dataDir);
    const copy = join(folder, 'copy');
    const files = readdirSync(dataDir, { recursive: true, encoding: 'utf8' }).filter((name) => /\.(db|parquet)$/.test(name));
    expect(files.length).toBeGreaterThanOrEqual(3);
    for (const file of files) {
      const { size } = statSync(join(dataDir, file));
      for (let cut = 0; cut < size; cut += Math.max(1, Math.floor(size / 12))) {
        rmSync(copy, { recursive: true, force: true });
        cpSync(dataDir, copy, { recursive: true });
        truncateSync(join(copy, file), cut);
        const found = await readAll(copy).catch((error: unknown) => error);
        if (found !== whole) {
          expect(found, `${file} cut to ${String(cut)} of ${String(size)} bytes`).toMatchObject({
            code: 'STORAGE_FAILED',
            message: expect.stringContaining('damaged') as string,
          });
        }
      }
    }
    rmSync(folder, { recursive: true });
  });
});
