/** Bars of how much each parameter matters, one table per objective, and what is said where that cannot be told. */
import { html, type Markup } from '../../report/html/markup.ts';
import { formatCount, formatShare } from '../../report/page/format.js';
import { toLabel } from '../page/figure-text.js';
import type { StudyImportance } from '../parameter-importance.ts';

type Weighed = StudyImportance['objectives'][number];

export function renderImportanceSection(found: StudyImportance): Markup {
  const { complete_trials: complete, sampled_trials: sampled, period, error } = found;
  const sample =
    sampled < complete ? ` An even sample of ${formatCount(sampled)} of ${formatCount(complete)} complete trials was looked at.` : '';
  return html`<section id="importance">
    <header><h2>Importance of the parameters</h2></header>
    <p class="lead">
      How much each parameter decides whether a trial is among the best tenth, as shares of 100% (PED-ANOVA, period ${period}). It says
      where to look, not which value is good, and the shares add up to 100% even where nothing matters; a sampler that learns has looked
      more closely where it found good values.${sample}
    </p>
    ${error === null ? null : html`<p class="empty">It could not be measured: ${error.message} <code>${error.code}</code></p>`}
    <div class="importances">${found.objectives.map(renderObjective)}</div>
  </section>`;
}

function renderObjective({ objective, importance, reason, trials }: Weighed): Markup {
  if (importance === null) {
    return html`<div>
      <h3>${toLabel(objective)}</h3>
      <p class="empty">${toWords(reason, trials)}</p>
    </div>`;
  }
  const falling = Object.entries(importance).toSorted(([, a], [, b]) => b - a);
  return html`<div class="scroll">
    <table class="importance">
      <caption>
        <strong>${toLabel(objective)}</strong>
        rests on ${formatCount(trials)} trials
      </caption>
      <thead>
        <tr>
          <th scope="col">Parameter</th>
          <th scope="col" colspan="2">Importance</th>
        </tr>
      </thead>
      <tbody>
        ${falling.map(renderBar)}
      </tbody>
    </table>
  </div>`;
}

/** The length is an attribute of the drawing: the page allows no styles in line. */
function renderBar([name, share]: readonly [string, number]): Markup {
  return html`<tr>
    <th scope="row" dir="auto">${name}</th>
    <td class="number">${formatShare(share)}</td>
    <td class="length">
      <svg aria-hidden="true"><rect width="${(share * 100).toFixed(1)}%" height="100%" rx="2"></rect></svg>
    </td>
  </tr>`;
}

function toWords(reason: Weighed['reason'], trials: number): string {
  const counted = `${formatCount(trials)} ${trials === 1 ? 'trial has' : 'trials have'} a value of it`;
  if (reason === 'too_few_trials') return `Too few trials: ${counted}, at least 20 are needed.`;
  if (reason === 'no_variance') return `It does not vary: ${counted}, all the same.`;
  return `No parameter makes a difference: ${counted}.`;
}
