/** Findings at the top of a report: alarms before the answer, the others below it. */
import type { Finding } from '../findings.ts';
import { html, type Markup } from './markup.ts';

export function renderAlarms(findings: readonly Finding[]): readonly Markup[] {
  return findings
    .filter(({ weight }) => weight === 'alarm')
    .map(({ text }) => html`<p class="alarm" role="alert"><strong>Read this first.</strong> ${text}</p>`);
}

export function renderFindings(findings: readonly Finding[]): Markup {
  return html`<ul class="findings">
    ${findings.filter(({ weight }) => weight !== 'alarm').map(({ weight, text }) => html`<li class="${weight}">${text}</li>`)}
  </ul>`;
}
