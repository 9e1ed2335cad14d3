/* oxlint-disable typescript/no-unsafe-assignment, typescript/no-unsafe-call, typescript/no-unsafe-member-access, typescript/no-unsafe-return, typescript/no-unsafe-argument --
   Plain JavaScript over built packages: it runs without a build of its own. */
// Planned failovers and failbacks of a pool while its users write over HTTP: each run's write
// outage and what was lost. Usage, after `npm run build`:
//   node bench/planned-failover/run.mjs [RUNS] [WRITES_PER_SECOND] [CLIENTS] [--steps]
import { loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { findMissing } from '../../packages/drill/build/check/account-for-writes.js';
import { poolCopiesOf } from '../../packages/drill/build/deployment/drill-deployment.js';
import { startDeployment } from '../../packages/drill/build/deployment/start-deployment.js';
import { nowMs } from '../../packages/drill/build/measure/instant.js';
import { unwellIn } from '../../packages/drill/build/scenario/wait-restored.js';
import { importUsers, longestGap, median, startWriters, usersOf } from '../shared/load.mjs';

const words = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const runs = Number(words[0] ?? 20);
const perSecond = Number(words[1] ?? 1_000);
const clients = Number(words[2] ?? 32);
const isVerbose = process.argv.includes('--steps');
const pool = 'east';
const cliPath = fileURLToPath(new URL('../../apps/understudy/bin/understudy.js', import.meta.url));

const deployment = await startDeployment({
  cliPath,
  isKept: process.argv.includes('--keep'),
  signal: new AbortController().signal,
});
try {
  await measure();
} finally {
  await deployment[Symbol.asyncDispose]();
}

async function measure() {
  const { topology, client } = deployment;
  const users = usersOf(pool, clients);
  await importUsers(deployment, pool, users);
  await allWell(client);
  const writers = startWriters({ topology, pool, users, perSecond });
  await sleep(3_000);
  const results = [];
  for (let run = 1; run <= runs; run += 1) {
    await allWell(client);
    await sleep(1_000);
    const calmFrom = nowMs() - 1_000;
    const calm = longestGap(writers.acks, calmFrom, nowMs()).lengthMs;
    const acksBefore = writers.acks.length;
    const began = nowMs();
    const runbook = run % 2 === 1 ? 'pool-failover' : 'pool-failback';
    const { run: id } = await client.startRun({ runbook, pool });
    const detail = await finished(client, id);
    await sleep(400);
    const ended = nowMs();
    const gap = longestGap(writers.acks, began, ended);
    const rate = ((writers.acks.length - acksBefore) * 1000) / (ended - began);
    const lost = await lostOf(writers);
    results.push({ runbook, outageMs: gap.lengthMs, lost, state: detail.row.state });
    console.log(
      JSON.stringify({
        run,
        runbook,
        state: detail.row.state,
        outageMs: Math.round(gap.lengthMs * 10) / 10,
        calmGapMs: Math.round(calm * 10) / 10,
        lost,
        wholeRunMs: detail.row.finishedAtMs && detail.row.finishedAtMs - detail.row.startedAtMs,
        ackedPerSecond: Math.round(rate),
        load: loadavg()[0].toFixed(1),
      }),
    );
    if (isVerbose) tellSteps(detail, gap);
  }
  await writers.stop();
  const lost = await lostOf(writers);
  const outages = results.map(({ outageMs }) => outageMs);
  console.log(
    JSON.stringify({
      runs: results.length,
      succeeded: results.filter(({ state }) => state === 'succeeded').length,
      medianMs: Math.round(median(outages)),
      minMs: Math.round(Math.min(...outages)),
      maxMs: Math.round(Math.max(...outages)),
      acked: writers.acks.length,
      lost,
      contradictions: writers.ledger.evidence.contradictions(),
    }),
  );
}

async function lostOf({ ledger }) {
  const pools = poolCopiesOf(deployment.topology).filter((each) => each.pool === pool);
  const missing = await findMissing({ stores: deployment, ledger, pools }, nowMs());
  return missing.length;
}

async function allWell(client) {
  const deadline = nowMs() + 60_000;
  for (;;) {
    const status = await client.status().catch(() => undefined);
    const unwell = status === undefined ? ['no answer'] : unwellIn(status);
    if (unwell.length === 0) return;
    if (nowMs() > deadline) throw new Error(unwell.join('; '));
    await sleep(200);
  }
}

async function finished(client, id) {
  const deadline = nowMs() + 60_000;
  while (nowMs() < deadline) {
    const detail = await client.showRun(id).catch(() => undefined);
    const state = detail?.row.state;
    if (state !== undefined && state !== 'running') return detail;
    await sleep(100);
  }
  throw new Error(`run ${id} was not done within a minute`);
}

function tellSteps({ journal }, gap) {
  globalThis.stamp?.(`GAP ${gap.fromMs.toFixed(1)} ${gap.toMs.toFixed(1)}`);
  for (const { step, event, tookMs, atMs, why } of journal) {
    if (tookMs === undefined) continue;
    const from = Math.round(atMs - tookMs - gap.fromMs);
    console.log(`    ${step} ${event}: ${from} .. ${Math.round(atMs - gap.fromMs)} ms: ${why}`);
  }
}
