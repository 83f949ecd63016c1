/** Builds HTML in which everything is escaped unless it is markup of our own. */

/** A piece of finished markup. Only `html` and `trustedMarkup` make one. */
export interface Markup {
  readonly markup: string;
}

type Insertable = string | number | Markup | readonly Markup[] | null | undefined;

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

/** Template tag: strings and numbers are escaped, markup is inserted as it is, null and undefined vanish. */
export function html(parts: TemplateStringsArray, ...values: readonly Insertable[]): Markup {
  let markup = parts[0] ?? '';
  values.forEach((value, index) => {
    markup += toMarkupText(value) + (parts[index + 1] ?? '');
  });
  return { markup };
}

function toMarkupText(value: Insertable): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return escapeHtml(value);
  if (typeof value === 'number') return String(value);
  return 'markup' in value ? value.markup : value.map(({ markup }) => markup).join('');
}

/** Marks text of our own making (inlined style, script, escaped JSON) as finished markup. Never for text that a user wrote. */
export function trustedMarkup(markup: string): Markup {
  return { markup };
}

/** JSON that is safe inside a script element: nothing in it can close the element, open a comment, or end a line of JavaScript. */
export function toScriptJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** A name that a user chose: isolated, so that a right-to-left name does not turn its surroundings around. */
export function nameMarkup(name: string): Markup {
  return html`<bdi class="name" title="${name}">${name}</bdi>`;
}
