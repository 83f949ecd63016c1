/** Lists of terms and values, as all reports show them. */
import { html, type Markup } from './markup.ts';

export type Fact = readonly [term: string | Markup, value: Markup | string];

export function renderFacts(facts: readonly Fact[]): Markup {
  return html`<dl class="facts">
    ${facts.map(
      ([term, value]) =>
        html`<div>
          <dt>${term}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>`;
}
