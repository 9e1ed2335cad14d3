/* oxlint-disable typescript/no-unsafe-assignment, typescript/no-unsafe-call, typescript/no-unsafe-member-access, typescript/no-unsafe-return, typescript/no-unsafe-argument --
   Plain JavaScript over built packages: it runs without a build of its own. */
// Planned failovers and failbacks of a pool while its users write over HTTP: each run's write
// outage and what was lost. Usage, after `npm run build`:
//   node bench/planned-failover/run.mjs [RUNS] [WRITES_PER_SECOND] [CLIENTS] [--steps]
import { loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { startDeployment } from '../../packages/drill/build/deployment/start-deployment.js';
import { nowMs } from '../../packages/drill/build/measure/instant.js';
import { allWell, cliPath, finished, lostOf } from '../shared/deployment.mjs';
import { importUsers, longestGap, median, startWriters, usersOf } from '../shared/load.mjs';
import { measureSwitches } from '../shared/switch-dataset.mjs';

const words = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const runs = Number(words[0] ?? 20);
const perSecond = Number(words[1] ?? 1_000);
const clients = Number(words[2] ?? 32);
const isVerbose = process.argv.includes('--steps');
const pool = 'east';

const deployment = await startDeployment({
  cliPath,
  isKept: process.argv.includes('--keep'),
  signal: new AbortController().signal,
});
let outages;
try {
  outages = await measure();
} finally {
  await deployment[Symbol.asyncDispose]();
}
// The baseline beside it: the same rate, by the engine's verbs alone.
const bare = await measureSwitches({ perSecond, rows: 1, runs: Math.min(runs, 10) });
const medianMs = median(outages);
console.log(
  JSON.stringify({
    bareEngineMedianMs: Math.round(bare.medianMs),
    bareEngineMaxMs: Math.round(bare.maxMs),
    ratioOfMedians: Number((medianMs / bare.medianMs).toFixed(2)),
    load: loadavg()[0].toFixed(1),
  }),
);

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
    const lost = (await lostOf(deployment, pool, writers)).length;
    results.push({ runbook, outageMs: gap.lengthMs, lost, state: detail.row.state });
    console.log(
      JSON.stringify({
        run,
        runbook,
        state: detail.row.state,
        outageMs: Math.round(gap.lengthMs * 10) / 10,
        calmGapMs: Math.round(calm * 10) / 10,
        lost,
        ackedPerSecond: Math.round(rate),
        load: loadavg()[0].toFixed(1),
      }),
    );
    if (isVerbose) tellSteps(detail, gap);
  }
  await writers.stop();
  const lost = (await lostOf(deployment, pool, writers)).length;
  const lengths = results.map(({ outageMs }) => outageMs);
  console.log(
    JSON.stringify({
      runs: results.length,
      succeeded: results.filter(({ state }) => state === 'succeeded').length,
      medianMs: Math.round(median(lengths)),
      minMs: Math.round(Math.min(...lengths)),
      maxMs: Math.round(Math.max(...lengths)),
      acked: writers.acks.length,
      lost,
      contradictions: writers.ledger.evidence.contradictions(),
    }),
  );
  return lengths;
}

function tellSteps({ journal }, gap) {
  for (const { step, event, tookMs, atMs, why } of journal) {
    if (tookMs === undefined) continue;
    const from = Math.round(atMs - tookMs - gap.fromMs);
    console.log(`    ${step} ${event}: ${from} .. ${Math.round(atMs - gap.fromMs)} ms: ${why}`);
  }
}
