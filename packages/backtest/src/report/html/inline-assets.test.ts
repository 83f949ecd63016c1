import { readdir } from 'node:fs/promises';
import { Script } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { joinModules, readInlineAssets } from './inline-assets.ts';

describe('inlined page code', () => {
  it('is one script that parses, without imports or exports', async () => {
    const { scripts } = await readInlineAssets();
    const [, pageScript = ''] = [...scripts.markup.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(([, code = '']) => code);
    expect(pageScript).not.toMatch(/^\s*(import|export) /m);
    // Two modules with the same name at top level would be a syntax error here.
    expect(() => new Script(pageScript)).not.toThrow();
  });

  it('holds every file of the page folder', async () => {
    const { scripts, style } = await readInlineAssets();
    const names = await readdir(new URL('../page/', import.meta.url));
    expect(names.filter((name) => name.endsWith('.js')).length).toBe(scripts.markup.match(/^\/\/ @ts-check$/gm)?.length);
    expect(style.markup.match(/^\/\* .* \*\/$/gm)?.length).toBe(names.filter((name) => name.endsWith('.css')).length);
  });

  it('carries the licence of the chart library', async () => {
    expect((await readInlineAssets()).scripts.markup).toContain('The MIT License');
  });

  it('drops imports over several lines and the word export', () => {
    expect(joinModules(["import {\n  a,\n} from './a.js';\nexport function b() {}\n", 'export const c = 1;\n'])).toBe(
      "(() => {\n'use strict';\nfunction b() {}\n\nconst c = 1;\n\n})();",
    );
  });
});
