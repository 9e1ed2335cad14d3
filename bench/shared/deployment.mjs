/* oxlint-disable typescript/no-unsafe-assignment, typescript/no-unsafe-call, typescript/no-unsafe-member-access, typescript/no-unsafe-return, typescript/no-unsafe-argument --
   Plain JavaScript over built packages: it runs without a build of its own. */
// Waiting for a deployment, and accounting for what was acknowledged.
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { findMissing } from '../../packages/drill/build/check/account-for-writes.js';
import { poolCopiesOf } from '../../packages/drill/build/deployment/drill-deployment.js';
import { nowMs } from '../../packages/drill/build/measure/instant.js';
import { unwellIn } from '../../packages/drill/build/scenario/wait-restored.js';

export const cliPath = fileURLToPath(
  new URL('../../apps/understudy/bin/understudy.js', import.meta.url),
);

/** Acknowledged writes of the pool that its serving copy does not hold. */
export async function lostOf(deployment, pool, { ledger }) {
  const pools = poolCopiesOf(deployment.topology).filter((each) => each.pool === pool);
  return await findMissing({ stores: deployment, ledger, pools }, nowMs());
}

/** Every dataset is mounted once and every other copy is Healthy. */
export async function allWell(client) {
  const deadline = nowMs() + 60_000;
  for (;;) {
    const status = await client.status().catch(() => undefined);
    const unwell = status === undefined ? ['no answer'] : unwellIn(status);
    if (unwell.length === 0) return;
    if (nowMs() > deadline) throw new Error(unwell.join('; '));
    await sleep(200);
  }
}

/** The run's detail once it is over, well or not. */
export async function finished(client, id) {
  const deadline = nowMs() + 60_000;
  while (nowMs() < deadline) {
    const detail = await client.showRun(id).catch(() => undefined);
    const state = detail?.row.state;
    if (state !== undefined && state !== 'running') return detail;
    await sleep(20);
  }
  throw new Error(`run ${id} was not done within a minute`);
}
