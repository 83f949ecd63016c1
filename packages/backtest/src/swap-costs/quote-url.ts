/** The address of one quote: a template with names in braces, whose values can be nothing but values. */
import { AppError } from '@quantbot/core';
import { parseSourceUrl } from '../sources/http/source-url.ts';

const NAMES = ['sell_token', 'buy_token', 'amount'] as const;
type QuoteValues = Readonly<Record<(typeof NAMES)[number], string>>;

export interface QuoteTemplate {
  /** Where the quotes come from: scheme and host, no path, since paths of such services may hold keys. */
  readonly origin: string;
  readonly authorization?: string;
  toUrl(values: QuoteValues): URL;
}

/** USAGE for another scheme, a missing or an unknown name, or a name in the host. The template is not repeated: it may hold a key. */
export function parseQuoteTemplate(text: string): QuoteTemplate {
  const used = [...text.matchAll(/\{([^{}]*)\}/g)].map(([, name]) => name ?? '');
  const missing = NAMES.filter((name) => !used.includes(name));
  const unknown = used.filter((name) => !NAMES.some((known) => known === name));
  if (missing.length > 0 || unknown.length > 0) {
    const found = used.length === 0 ? 'none of them' : used.map((name) => `{${name}}`).join(', ');
    throw new AppError('USAGE', `--url: expected an address with ${NAMES.map((name) => `{${name}}`).join(', ')}, found ${found}`);
  }
  const fill = (values: QuoteValues): string =>
    NAMES.reduce((url, name) => url.replaceAll(`{${name}}`, encodeURIComponent(values[name])), text);
  const sample = parseSourceUrl('--url', fill({ sell_token: 'a', buy_token: 'b', amount: '1' }));
  if (parseSourceUrl('--url', fill({ sell_token: 'c', buy_token: 'd', amount: '2' })).url.origin !== sample.url.origin)
    throw new AppError('USAGE', '--url: the names in braces belong into the path or the query, not into the host');
  return {
    origin: sample.url.origin,
    ...(sample.authorization === undefined ? {} : { authorization: sample.authorization }),
    toUrl: (values) => parseSourceUrl('--url', fill(values)).url,
  };
}
