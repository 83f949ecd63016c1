import { readdir } from 'node:fs/promises';
import { Script } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { readInlineAssets } from '../../report/html/inline-assets.ts';
import { DASHBOARD_FILES } from './dashboard-page.ts';

describe('the code of the dashboard', () => {
  it('is one script that parses, without imports or exports', async () => {
    const { scripts } = await readInlineAssets(DASHBOARD_FILES);
    const [, code = ''] = [...scripts.markup.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(([, each = '']) => each);
    expect(code).not.toMatch(/^\s*(import|export) /m);
    // Two modules with the same name at top level would be a syntax error here.
    expect(() => new Script(code)).not.toThrow();
  });

  it('holds every file of its page folder', async () => {
    const names = (await readdir(new URL('../page/', import.meta.url))).filter((name) => /\.(js|css)$/.test(name));
    const used = [...DASHBOARD_FILES.modules, ...DASHBOARD_FILES.styles].filter((name) => name.includes('study-report/'));
    expect(used.map((name) => name.split('/').at(-1)).sort()).toEqual(names.sort());
  });
});
