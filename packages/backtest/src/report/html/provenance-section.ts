/** Where the report comes from: enough to make it again, and to see what made it. */
import type { V1BaselineOutcome } from '../../v1-baseline/outcome.ts';
import { formatCount } from '../page/format.js';
import type { RunProvenance } from '../provenance.ts';
import { html, type Markup } from './markup.ts';

export function renderProvenanceSection(outcome: V1BaselineOutcome, provenance: RunProvenance): Markup {
  return html`<section id="provenance">
    <h2>Provenance</h2>
    <p class="lead">The same data, options and version give the same result. The line below repeats the run.</p>
    <pre class="command"><code>${provenance.command.map(quoteForShell).join(' ')}</code></pre>
    <dl class="facts">
      ${toFacts(outcome, provenance).map(
        ([term, value]) =>
          html`<div>
            <dt>${term}</dt>
            <dd>${value}</dd>
          </div>`,
      )}
    </dl>
    <p class="files">
      Beside this file: <code>result.json</code> (everything), <code>callers.csv</code>, <code>grid.csv</code>, <code>trades.csv</code>,
      <code>skipped.csv</code>, <code>manifest.json</code>.
    </p>
  </section>`;
}

function toFacts(outcome: V1BaselineOutcome, provenance: RunProvenance): readonly (readonly [string, Markup | string])[] {
  const code = (text: string): Markup => html`<code>${text}</code>`;
  const timings = Object.entries(provenance.timingsMs).map(([stage, ms]) => `${stage} ${formatCount(ms)} ms`);
  return [
    ['Created', `${provenance.createdAt.slice(0, 19).replace('T', ' ')} UTC`],
    ['Workspace', provenance.workspaceName],
    ['quantbot', outcome.quantbot_version],
    ['Data slice', code(outcome.data.slice_id)],
    ['Engine sources', code(provenance.engineSourceHash)],
    [
      'Runtime',
      [
        `Node ${provenance.nodeVersion}`,
        ...(provenance.pythonVersion === undefined ? [] : [`Python ${provenance.pythonVersion}`]),
        ...(provenance.platform === undefined ? [] : [provenance.platform]),
      ].join(' · '),
    ],
    ['Workers', formatCount(provenance.workers)],
    ['Time spent', timings.length === 0 ? 'not measured' : timings.join(' · ')],
  ];
}

/** For reading and pasting into a POSIX shell; nothing is ever run from it. */
export function quoteForShell(argument: string): string {
  return /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", String.raw`'\''`)}'`;
}
