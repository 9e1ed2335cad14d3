import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aResult, aScenario } from '../testing/a-result.ts';
import { drillDocument } from './drill-document.ts';
import { toDocument } from './drill-result.ts';
import { htmlReport } from './html-report.ts';
import { textReport } from './text-report.ts';
import { tickMs } from './timeline-picture.ts';

test('the document has exactly the fields that scripts depend on', () => {
  const document = drillDocument.parse(toDocument(aResult()));
  assert.deepEqual(document, {
    version: 1,
    users: 200,
    scenarios: [
      {
        name: 'planned-failover',
        verdict: 'pass',
        outagesMs: { write: 40, signIn: 0, message: 0, call: 130 },
        calmGapsMs: { write: 12, signIn: 0, message: 0, call: 0 },
        calmGapMs: 12,
        ackedWrites: 100,
        ackedMessages: 50,
        queuedWrites: 0,
        lostWrites: 0,
        mergedWrites: 0,
        conflictedWrites: 0,
        quotedWrites: 0,
        steps: [{ name: 'mount-datasets', ms: 8, why: 'mounted' }],
      },
    ],
    verdict: 'pass',
  });
});

test('the table says what was measured, and the last line what it means', () => {
  const lines = textReport(aResult());
  assert.match(lines[0] ?? '', /^scenario +verdict +write \(calm\) +sign-in \(calm\)/);
  assert.match(
    lines[1] ?? '',
    /^planned-failover +pass +40 \(12\) ms +0 \(0\) ms +0 \(0\) ms +130 \(0\) ms +100 +0 +0 +0 +-$/,
  );
  assert.match(lines.at(-1) ?? '', /All of it was there at the end.*pass\.$/);
});

test('a failed drill says which scenario and why', () => {
  const failed = aScenario({ verdict: 'fail', findings: ['3 acknowledged writes are missing'] });
  const text = textReport(aResult({ verdict: 'fail', scenarios: [failed] })).join('\n');
  assert.match(text, /planned-failover: 3 acknowledged writes are missing/);
  assert.match(text, /The drill failed: planned-failover\./);
});

test('nothing of what a step says becomes markup', () => {
  const why = '<script>alert("1")</script> & more';
  const step = { name: '<b>', why, endMs: 3_000, tookMs: 5 };
  const html = htmlReport(aResult({ scenarios: [aScenario({ steps: [step], findings: [why] })] }));
  assert.doesNotMatch(html, /<script|<b>/);
  assert.match(html, /&lt;script&gt;alert\(&quot;1&quot;\)&lt;\/script&gt; &amp; more/);
});

test('the report is one file that asks nobody for anything', () => {
  const html = htmlReport(aResult());
  assert.doesNotMatch(html, /<link|<script|src=|@import|url\(|https?:/);
});

test('an outage is shaded with its length, a step stands on the same axis', () => {
  const html = htmlReport(aResult());
  assert.match(html, /class="outage"[^>]*\/><text[^>]*>40 ms</);
  assert.match(html, /class="step"/);
});

test('marks on the axis are few and round', () => {
  assert.equal(tickMs(4_000), 500);
  assert.equal(tickMs(12_000), 1_000);
  assert.equal(tickMs(25_000), 2_000);
});
