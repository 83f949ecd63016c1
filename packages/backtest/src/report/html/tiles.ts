/** The strip of key figures at the top of a report. */
import { html, type Markup } from './markup.ts';

export interface Tile {
  readonly label: string;
  readonly value: string;
  readonly detail: string;
  readonly tone?: 'gain' | 'loss' | undefined;
}

export function renderTiles(tiles: readonly Tile[]): Markup {
  return html`<dl class="tiles">${tiles.map(renderTile)}</dl>`;
}

function renderTile({ label, value, detail, tone }: Tile): Markup {
  return html`<div class="tile">
    <dt>${label}</dt>
    <dd class="value ${tone}">${value}</dd>
    <dd class="detail">${detail}</dd>
  </div>`;
}
