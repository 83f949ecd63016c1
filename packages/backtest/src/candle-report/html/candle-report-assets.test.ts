import { readdir } from 'node:fs/promises';
import { Script } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { readInlineAssets } from '../../report/html/inline-assets.ts';
import { CANDLE_REPORT_FILES } from './report-page.ts';

describe('the code of the report on candles', () => {
  it('is one script that parses, without imports or exports', async () => {
    const { scripts } = await readInlineAssets(CANDLE_REPORT_FILES);
    const [, code = ''] = [...scripts.markup.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(([, each = '']) => each);
    expect(code).not.toMatch(/^\s*(import|export) /m);
    // Two modules with the same name at top level would be a syntax error here.
    expect(() => new Script(code)).not.toThrow();
  });

  it('holds every file of its page folder', async () => {
    const names = (await readdir(new URL('../page/', import.meta.url))).filter((name) => /\.(js|css)$/.test(name));
    const used = [...CANDLE_REPORT_FILES.modules, ...CANDLE_REPORT_FILES.styles].filter((name) => name.includes('candle-report/'));
    expect(used.map((name) => name.split('/').at(-1)).sort()).toEqual(names.sort());
  });
});
