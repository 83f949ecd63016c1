/** Where the study comes from: enough to make it again, and to see what made it. */
import { renderFacts, type Fact } from '../../report/html/facts.ts';
import { html, type Markup } from '../../report/html/markup.ts';
import { renderCommand, toCode } from '../../report/html/provenance-section.ts';
import { formatCount, formatTime } from '../../report/page/format.js';
import type { DashboardPage } from './dashboard-input.ts';

export function renderOrigin(page: DashboardPage): Markup {
  const { provenance } = page.spec;
  const command = Array.isArray(provenance['command']) ? provenance['command'].filter((word) => typeof word === 'string') : [];
  return html`<section id="origin">
    <h2>Provenance</h2>
    <p class="lead">
      The same data, space, sampler, seed and version give the same trials, whatever the number of workers and however often it was stopped.
    </p>
    ${command.length === 0 ? null : renderCommand(command)} ${renderFacts(toFacts(page))}
    <h3>Search space</h3>
    ${renderFacts(page.spec.space.parameters.map((parameter) => [toCode(parameter.name), describeParameter(parameter)]))}
    ${renderRules(page)}
    <p class="files">
      Beside this file: <code>trials.jsonl</code> (everything), <code>trials.csv</code>, <code>trials.parquet</code>,
      <code>objectives/</code> (a table per objective and period, by total return), <code>summary.json</code>, <code>summary.csv</code>,
      <code>manifest.json</code>.
    </p>
  </section>`;
}

function toFacts({ study, spec, summary }: DashboardPage): readonly Fact[] {
  const code = (value: unknown): Markup => toCode(typeof value === 'string' ? value : '–');
  const { provenance } = spec;
  return [
    ['Study', code(study.id)],
    ['Created', `${formatTime(study.createdAtMs)} UTC`],
    ['Strategy', study.definition.strategy],
    ['Sampler', summary.study.sampler],
    ['Seed', String(study.definition.seed)],
    ['Budget', study.definition.budget === null ? 'the whole space' : `${formatCount(study.definition.budget)} trials`],
    ['Periods', `${study.definition.periods.join(', ')}; ${spec.leading_period} leads`],
    ['Data slice', code(spec.slice_id)],
    ['Engine sources', code(provenance['engine_source_hash'])],
    ['quantbot', code(provenance['quantbot_version'])],
    ['Git commit of the workspace', code(provenance['git_commit'])],
  ];
}

function describeParameter(parameter: DashboardPage['spec']['space']['parameters'][number]): string {
  const condition = parameter.when.map(({ parameter: name, values }) => ` when ${name} is ${values.map(String).join(' or ')}`).join(' and');
  switch (parameter.kind) {
    case 'range':
      return `${formatCount(parameter.count)} values from ${String(parameter.start)} by ${String(parameter.step)}${condition}`;
    case 'categorical':
      return `${parameter.values.map(String).join(', ')}${condition}`;
    case 'int':
    case 'float':
      return `${parameter.kind} from ${String(parameter.low)} to ${String(parameter.high)}${parameter.log ? ', logarithmic' : ''}${condition}`;
  }
}

function renderRules({ spec }: DashboardPage): Markup {
  const criteria = Object.entries(spec.success_criteria).map(([name, limit]) => `${name}: ${String(limit)}`);
  const rules = [
    ...spec.space.constraints.map(({ text }) => html`<li>Between parameters: <code>${text}</code></li>`),
    ...spec.result_constraints.map(({ text }) => html`<li>On results: <code>${text}</code></li>`),
    ...criteria.map((text) => html`<li>To be accepted: <code>${text}</code></li>`),
    ...(spec.equity_floor === null
      ? []
      : [html`<li>Pruned when equity falls below <code>${spec.equity_floor}</code> of the initial capital</li>`]),
  ];
  return rules.length === 0
    ? html``
    : html`<h3>Rules</h3>
        <ul class="rules">
          ${rules}
        </ul>`;
}
