/* oxlint-disable typescript/no-unsafe-assignment, typescript/no-unsafe-call, typescript/no-unsafe-member-access, typescript/no-unsafe-return, typescript/no-unsafe-argument --
   Plain JavaScript over built packages: it runs without a build of its own. */
// SIGKILL to every process of a site while its users write; then, from the operator's command to
// full service at the other site. The command comes when the lease of the dead site has passed, or,
// with `at-once`, as soon as there is a quote; then it waits for the lease. Usage, after
// `npm run build`:
//   node bench/forced-failover/run.mjs [ROUNDS] [WRITES_PER_SECOND] [CLIENTS] [at-once]
import { loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { findNowhere } from '../../packages/drill/build/check/account-for-writes.js';
import { poolCopiesOf } from '../../packages/drill/build/deployment/drill-deployment.js';
import { startDeployment } from '../../packages/drill/build/deployment/start-deployment.js';
import { nowMs } from '../../packages/drill/build/measure/instant.js';
import { allWell, cliPath, finished, lostOf } from '../shared/deployment.mjs';
import { importUsers, median, startWriters, usersOf } from '../shared/load.mjs';

const [rounds, perSecond, clients] = [2, 3, 4].map((index) => Number(process.argv[index]) || 0);
const isAtOnce = process.argv[5] === 'at-once';
const pool = 'east';
const { signal } = new AbortController();

const deployment = await startDeployment({
  cliPath,
  isKept: false,
  signal,
  say: (line) => console.log(line),
});
try {
  await measure();
} finally {
  await deployment[Symbol.asyncDispose]();
}

async function measure() {
  const { topology, client } = deployment;
  const users = usersOf(pool, clients || 32);
  await importUsers(deployment, pool, users);
  await allWell(client);
  const writers = startWriters({ topology, pool, users, perSecond: perSecond || 1_000 });
  const results = [];
  for (let round = 1; round <= (rounds || 3); round += 1) {
    await sleep(2_000);
    results.push(await oneRound(writers, round));
    if (round === (rounds || 3)) break;
    await deployment.startSite('east');
    await allWell(client);
    await sleep(1_000);
    const { run } = await client.startRun({ runbook: 'pool-failback', pool });
    await finished(client, run);
    await allWell(client);
  }
  await writers.stop();
  const lengths = results.map(({ servedMs }) => servedMs);
  const [medianMs, maxMs] = [median(lengths), Math.max(...lengths)].map(Math.round);
  console.log(JSON.stringify({ rounds: results.length, commandToFullServiceMs: medianMs, maxMs }));
}

async function oneRound(writers, round) {
  const { client } = deployment;
  const request = { runbook: 'pool-failover', pool, mode: 'forced', isPartnerOff: true };
  const killedAtMs = nowMs();
  await deployment.killSite('east');
  const killedMs = nowMs();
  if (!isAtOnce) await sleep(deployment.topology.limits.leaseMs);
  const quoteId = await quoted(request);
  const commandMs = nowMs();
  const { run } = await client.startRun({ ...request, acceptedQuote: quoteId });
  const detail = await finished(client, run);
  const doneMs = nowMs();
  const servedMs = Math.max(await firstAckAfter(writers, commandMs), doneMs);
  const missing = await lostOf(deployment, pool, writers);
  const pools = poolCopiesOf(deployment.topology).filter((each) => each.pool === pool);
  const before = missing.filter(({ endMs }) => endMs < killedAtMs).length;
  const result = {
    round,
    state: detail.row.state,
    quoteAfterKillMs: Math.round(commandMs - killedMs),
    firstWriteMs: Math.round((await firstAckAfter(writers, commandMs)) - commandMs),
    runDoneMs: Math.round(doneMs - commandMs),
    servedMs: servedMs - commandMs,
    notOnTheSurvivor: missing.length,
    acknowledgedBeforeTheKill: before,
    load: loadavg()[0].toFixed(1),
  };
  if (round > 1) {
    const stores = { stores: deployment, ledger: writers.ledger, pools };
    result.nowhere = (await findNowhere(stores, missing)).length;
  }
  console.log(JSON.stringify({ ...result, servedMs: Math.round(result.servedMs) }));
  for (const { step, tookMs } of detail.journal) {
    if (tookMs !== undefined) console.log(`    ${step}: ${tookMs} ms`);
  }
  return result;
}

/** Asks until the survivor knows enough to quote. */
async function quoted(request) {
  const deadlineMs = nowMs() + 30_000;
  while (nowMs() < deadlineMs) {
    const planned = await deployment.client.plan(request).catch(() => undefined);
    const refusals = (planned?.findings ?? []).filter(({ severity }) => severity === 'refusal');
    const isOnlyLoss = refusals.every(({ code }) => code === 'lossBeyondLimit');
    if (planned?.quoteId !== undefined && isOnlyLoss) return planned.quoteId;
    await sleep(50);
  }
  throw new Error('no quote within 30 s');
}

async function firstAckAfter({ acks }, ms) {
  const deadlineMs = nowMs() + 30_000;
  while (nowMs() < deadlineMs) {
    const found = acks.find(({ endMs }) => endMs > ms);
    if (found !== undefined) return found.endMs;
    await sleep(5);
  }
  throw new Error('no write was acknowledged within 30 s');
}
