import { probeKinds, worstMs } from '../measure/probe-log.ts';
import type { ScenarioName } from './drill-document.ts';
import type { DrillResult, ScenarioResult } from './drill-result.ts';
import { escapeHtml } from './escape-html.ts';
import { conclusion } from './text-report.ts';
import { kindWords, showMs, timelinePicture } from './timeline-picture.ts';

// One file without scripts or references: it can be mailed to whoever asked what happens when a
// datacenter dies.

const meanings: { readonly [name in ScenarioName]: string } = {
  'planned-failover': 'The users of one site are moved to the other, with everything in order.',
  failback: 'They are moved home again.',
  'limited-mode':
    'Every process of a site is killed while its users work, and nobody does anything. The other ' +
    'site serves them from its copy, and keeps what they change until it can be made.',
  'forced-failover':
    'The site stays dead. The other one takes over with what it has; how much that may lack is ' +
    'quoted before. Then what was kept in limited mode is made, in order and once.',
  return:
    'The dead site is started again; what only it had is merged into the other, or listed, ' +
    'and it becomes a copy.',
  'failback-after-return': 'The users are moved home to the site that had died.',
  partition:
    'The sites are cut from each other while users reach both. Home goes on, for the witness ' +
    'votes for it, and the other site is refused what it is told to take. Then home is cut off ' +
    'from the witness too: it stops by itself, the other takes over, and what only home had is ' +
    'merged.',
  'partition-without-witness':
    'In a deployment without a witness the sites are cut from each other. Home goes on, and the ' +
    'other site takes nothing without being told that home is off.',
  salvage:
    'The backup falls behind, then every process of the site is killed. The backup takes over ' +
    'without what it lacks, and gets it when the site is started again.',
};

export function htmlReport(result: DrillResult): string {
  const started = new Date(result.startedMs).toISOString().slice(0, 19).replace('T', ' ');
  const title = `Understudy drill: ${result.verdict}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>Understudy drill <span class="verdict ${result.verdict}">${result.verdict}</span></h1>
<p class="lead">${escapeHtml(conclusion(result))}</p>
<p class="quiet">${started} UTC, two sites on one machine, PostgreSQL and all processes real;
${result.users} users; beside the probes, ordinary traffic of up to
${result.writesPerSecond} writes a second.</p>
${summaryTable(result)}
<p class="quiet">An outage is the longest time in which nobody of a pool succeeded, of the worse
pool. What the same machine does in calm stands beside it, in brackets.</p>
${result.scenarios.map(scenarioSection).join('\n')}
${legend}
</main>
</body>
</html>
`;
}

function summaryTable({ scenarios }: DrillResult): string {
  const rows = scenarios.map((each) => {
    const { name, verdict, outages, calmOutages } = each;
    const cells = [
      ...probeKinds.map(
        (kind) => `${showMs(worstMs(outages, kind))} (${showMs(worstMs(calmOutages, kind))})`,
      ),
      each.ackedWrites.toLocaleString('en'),
      each.lostWrites.toLocaleString('en'),
      each.mergedWrites.toLocaleString('en'),
      each.conflictedWrites.toLocaleString('en'),
      each.quotedWrites === 0 ? '–' : each.quotedWrites.toLocaleString('en'),
      each.ackedMessages.toLocaleString('en'),
    ];
    return (
      `<tr><th scope="row"><a href="#${name}">${name}</a></th>` +
      `<td><span class="verdict ${verdict}">${verdict}</span></td>` +
      `${cells.map((cell) => `<td class="number">${cell}</td>`).join('')}</tr>`
    );
  });
  const heads = [
    'verdict',
    'write outage (calm)',
    'sign-in outage (calm)',
    'message outage (calm)',
    'call outage (calm)',
    'writes acknowledged',
    'lost',
    'merged',
    'conflicts',
    'quoted',
    'messages',
  ];
  return `<div class="wide"><table>
<thead><tr><th>scenario</th>${heads.map((each) => `<th>${each}</th>`).join('')}</tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table></div>`;
}

function scenarioSection(result: ScenarioResult): string {
  const { name, verdict, findings } = result;
  const problems = findings.map((each) => `<li>${escapeHtml(each)}</li>`).join('');
  return `<section id="${name}">
<h2>${name} <span class="verdict ${verdict}">${verdict}</span></h2>
<p>${escapeHtml(meanings[name])} ${escapeHtml(outageWords(result))}</p>
${problems === '' ? '' : `<ul class="findings">${problems}</ul>`}
<figure class="wide">${timelinePicture(result)}</figure>
${stepList(result)}
</section>`;
}

function outageWords(result: ScenarioResult): string {
  const { outages, lostWrites, quotedWrites, ackedWrites } = result;
  const each = probeKinds.map((kind) => `${kindWords[kind]} ${showMs(worstMs(outages, kind))}`);
  const lost =
    lostWrites === 0
      ? `None of ${ackedWrites.toLocaleString('en')} acknowledged writes was lost.`
      : `${lostWrites} of ${ackedWrites.toLocaleString('en')} acknowledged writes are missing; ` +
        `up to ${quotedWrites} had been quoted.`;
  const since = sinceCommandMs(result);
  const command =
    since === undefined ? '' : ` From the command to the first write: ${showMs(since)}.`;
  return `Longest without success: ${each.join(', ')}.${command} ${lost}`;
}

/** Where the outage began before the command (a site was killed): from the command to its end. */
function sinceCommandMs({ commandMs, outages }: ScenarioResult): number | undefined {
  const writes = outages.filter(({ kind }) => kind === 'write');
  const [worst] = writes.toSorted((a, b) => b.toMs - b.fromMs - (a.toMs - a.fromMs));
  if (commandMs === undefined || worst === undefined) return undefined;
  return worst.fromMs < commandMs && worst.toMs > commandMs ? worst.toMs - commandMs : undefined;
}

function stepList({ steps }: ScenarioResult): string {
  if (steps.length === 0) return '';
  const rows = steps.map(
    ({ name, tookMs, why }) =>
      `<tr><th scope="row">${escapeHtml(name)}</th><td class="number">${showMs(tookMs)}</td>` +
      `<td>${escapeHtml(why)}</td></tr>`,
  );
  return `<details><summary>${steps.length} steps</summary><div class="wide"><table>
<thead><tr><th>step</th><th>took</th><th>what and why</th></tr></thead>
<tbody>${rows.join('\n')}</tbody></table></div></details>`;
}

const legend = `<section><h2>How to read the pictures</h2>
<p>Time runs to the right; 0 s is where the scenario begins, with calm before it. Each row is one
kind of user of one pool: <span class="key good"></span> tries that succeeded,
<span class="key bad"></span> tries that did not, <span class="key outage"></span> the longest time
without success, where it is longer than in calm. Below are the steps that were performed,
<span class="key step"></span>, on the same axis. The verdict never depends on a
time: it is what became of every acknowledged write, that there was one writer at every instant,
and that everybody was served again.</p></section>`;

const style = `
:root { color-scheme: light dark; --text: #1c2330; --quiet: #5b6677; --page: #fff; --line: #dfe3ea;
 --good: #2f8f5b; --bad: #d2533f; --outage: rgba(210, 83, 63, .22); --step: #3f6fb5;
 --pass: #1d6f43; --fail: #b3261e; --panel: #f6f7f9; }
@media (prefers-color-scheme: dark) { :root { --text: #e6e9ef; --quiet: #9aa5b5; --page: #14181f;
 --line: #2d3440; --good: #49b47a; --bad: #ef7a66; --outage: rgba(239, 122, 102, .28);
 --step: #7aa5e6; --pass: #59c98c; --fail: #ff8a7a; --panel: #1b212b; } }
body { margin: 0; background: var(--page); color: var(--text);
 font: 16px/1.5 system-ui, -apple-system, "Segoe UI", sans-serif; }
main { max-width: 1160px; margin: 0 auto; padding: 32px 20px 64px; }
h1 { font-size: 28px; margin: 0 0 8px; } h2 { font-size: 20px; margin: 40px 0 4px; }
.lead { font-size: 19px; margin: 0 0 8px; } .quiet { color: var(--quiet); font-size: 14px; }
.verdict { font-size: .7em; font-weight: 700; text-transform: uppercase; letter-spacing: .04em;
 padding: 2px 8px; border: 1px solid currentColor; border-radius: 99px; vertical-align: middle; }
.pass { color: var(--pass); } .fail { color: var(--fail); }
.wide { overflow-x: auto; } figure { margin: 12px 0; background: var(--panel);
 border: 1px solid var(--line); border-radius: 8px; padding: 8px; }
svg { display: block; width: 100%; min-width: 760px; height: auto; }
table { border-collapse: collapse; font-size: 14px; width: 100%; }
th, td { text-align: left; padding: 5px 10px; border-bottom: 1px solid var(--line);
 vertical-align: top; } thead th { color: var(--quiet); font-weight: 600; }
tbody th { font-weight: 600; white-space: nowrap; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
a { color: inherit; } summary { cursor: pointer; color: var(--quiet); font-size: 14px; }
.findings { color: var(--fail); }
svg text { fill: var(--text); font: 12px system-ui, sans-serif; }
svg .small { font-size: 10.5px; fill: var(--quiet); } svg .strong { fill: var(--fail);
 font-weight: 700; } svg .halo { paint-order: stroke; stroke: var(--panel); stroke-width: 3px; }
svg .good { fill: var(--good); } svg .bad { fill: var(--bad); } svg .step { fill: var(--step); }
svg .outage { fill: var(--outage); stroke: var(--bad); stroke-width: .6; }
svg .grid { stroke: var(--line); } svg .zero { stroke: var(--quiet); stroke-dasharray: 3 3; }
.key { display: inline-block; width: 12px; height: 12px; border-radius: 2px;
 vertical-align: -1px; } .key.good { background: var(--good); } .key.bad { background: var(--bad); }
.key.outage { background: var(--outage); outline: 1px solid var(--bad); }
.key.step { background: var(--step); }
@media print { details > * { display: block; } main { max-width: none; } }
`;
