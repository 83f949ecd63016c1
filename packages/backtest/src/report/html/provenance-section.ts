/** Where the report comes from: enough to make it again, and to see what made it. */
import type { V1BaselineOutcome } from '../../v1-baseline/outcome.ts';
import { formatCount } from '../page/format.js';
import type { RunProvenance } from '../provenance.ts';
import { renderFacts, type Fact } from './facts.ts';
import { html, type Markup } from './markup.ts';

export function renderProvenanceSection(outcome: V1BaselineOutcome, provenance: RunProvenance): Markup {
  return html`<section id="provenance">
    <h2>Provenance</h2>
    <p class="lead">The same data, options and version give the same result. The line below repeats the run.</p>
    ${renderCommand(provenance.command)} ${renderFacts(toFacts(outcome, provenance))}
    <p class="files">
      Beside this file: <code>result.json</code> (everything), <code>callers.csv</code>, <code>grid.csv</code>, <code>trades.csv</code>,
      <code>skipped.csv</code>, <code>manifest.json</code>.
    </p>
  </section>`;
}

function toFacts(outcome: V1BaselineOutcome, provenance: RunProvenance): readonly Fact[] {
  return [
    ...toPlaceFacts(provenance),
    ['quantbot', outcome.quantbot_version],
    ['Data slice', toCode(outcome.data.slice_id)],
    ['Engine sources', toCode(provenance.engineSourceHash)],
    ...toMachineFacts(provenance),
  ];
}

export function toCode(text: string): Markup {
  return html`<code>${text}</code>`;
}

export function renderCommand(command: readonly string[]): Markup {
  return html`<pre class="command"><code>${command.map(quoteForShell).join(' ')}</code></pre>`;
}

/** When and where the run was made. */
export function toPlaceFacts(provenance: RunProvenance): readonly Fact[] {
  return [
    ['Created', `${provenance.createdAt.slice(0, 19).replace('T', ' ')} UTC`],
    ['Workspace', provenance.workspaceName],
  ];
}

/** What it ran on, and for how long. */
export function toMachineFacts(provenance: RunProvenance): readonly Fact[] {
  const timings = Object.entries(provenance.timingsMs).map(([stage, ms]) => `${stage} ${formatCount(ms)} ms`);
  return [
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
function quoteForShell(argument: string): string {
  return /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", String.raw`'\''`)}'`;
}
