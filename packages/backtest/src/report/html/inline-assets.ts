/** Reads the page's own style and scripts and the chart library, ready to stand inside the one file. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { trustedMarkup, type Markup } from './markup.ts';

/** Files of a page, relative to the folder `page` of the V1 report, whose look and pieces all pages share. */
export interface PageFiles {
  /** In order of dependence: a module stands after those that it imports. */
  readonly modules: readonly string[];
  /** In order: what comes later wins. */
  readonly styles: readonly string[];
}

const V1_BASELINE_PAGE: PageFiles = {
  modules: [
    'format.js',
    'elements.js',
    'theme.js',
    'sortable-table.js',
    'paged-table.js',
    'chart-pane.js',
    'capital-chart.js',
    'ramp.js',
    'heat-cells.js',
    'heat-map.js',
    'trades.js',
    'not-traded.js',
    'main.js',
  ],
  styles: ['base.css', 'answer.css', 'chart.css', 'tables.css', 'heat-map.css', 'facts.css', 'narrow-and-print.css'],
};

export interface InlineAssets {
  readonly style: Markup;
  readonly scripts: Markup;
  /** Allows exactly these styles and scripts and nothing from outside. */
  readonly contentSecurityPolicy: string;
}

/** Reads about 70 kB from the installation. */
export async function readInlineAssets({ modules: names, styles: styleNames } = V1_BASELINE_PAGE): Promise<InlineAssets> {
  const chartFolder = dirname(createRequire(import.meta.url).resolve('uplot/dist/uPlot.iife.min.js'));
  const readAll = async (names: readonly string[]): Promise<readonly string[]> => await Promise.all(names.map(readPageFile));
  const [chartStyle, chartScript, chartLicence, pageStyles, modules] = await Promise.all([
    readFile(join(chartFolder, 'uPlot.min.css'), 'utf8'),
    readFile(join(chartFolder, 'uPlot.iife.min.js'), 'utf8'),
    readFile(join(chartFolder, '..', 'LICENSE'), 'utf8'),
    readAll(styleNames),
    readAll(names),
  ]);
  const styles = [[chartStyle, ...pageStyles].join('\n')];
  const scripts = [`/*\n${chartLicence.trim()}\n*/\n${chartScript}`, joinModules(modules)];
  return {
    style: wrap('style', styles),
    scripts: wrap('script', scripts),
    contentSecurityPolicy: [
      "default-src 'none'",
      `style-src ${styles.map(toHashSource).join(' ')}`,
      `script-src ${scripts.map(toHashSource).join(' ')}`,
      'img-src data:',
      "base-uri 'none'",
      "form-action 'none'",
    ].join('; '),
  };
}

async function readPageFile(name: string): Promise<string> {
  return await readFile(new URL(`../page/${name}`, import.meta.url), 'utf8');
}

/** One script out of several modules: the imports go, since all share one scope, and so does the word `export`. */
export function joinModules(sources: readonly string[]): string {
  const bodies = sources.map((source) =>
    source.replaceAll(/^import [^;]*;\n/gm, '').replaceAll(/^export (?=(async )?function|const|class)/gm, ''),
  );
  return `(() => {\n'use strict';\n${bodies.join('\n')}\n})();`;
}

function wrap(element: 'style' | 'script', texts: readonly string[]): Markup {
  for (const text of texts) {
    if (/<\/(style|script)|<!--/i.test(text)) throw new Error(`a ${element} to be inlined would end its own element`);
  }
  return trustedMarkup(texts.map((text) => `<${element}>${text}</${element}>`).join('\n'));
}

function toHashSource(text: string): string {
  return `'sha256-${createHash('sha256').update(text, 'utf8').digest('base64')}'`;
}
