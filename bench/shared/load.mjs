/* oxlint-disable typescript/no-unsafe-assignment, typescript/no-unsafe-call, typescript/no-unsafe-member-access, typescript/no-unsafe-return, typescript/no-unsafe-argument --
   Plain JavaScript over built packages: it runs without a build of its own. */
// Users of one pool who write at a steady rate over HTTP, and their own record of what was
// acknowledged. A client that is refused tries the other address at once and then rests shortly.
import { Agent } from 'node:http';
import { Readable } from 'node:stream';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { createWriteLedger } from '../../packages/drill/build/check/write-ledger.js';
import { addressesOf } from '../../packages/drill/build/deployment/drill-deployment.js';
import { nowMs } from '../../packages/drill/build/measure/instant.js';
import { makeUsers, usersCsv } from '../../packages/drill/build/users/drill-user.js';
import { newId } from '../../packages/drill/build/users/new-id.js';
import { createPoolClient } from '../../packages/drill/build/users/pool-client.js';

/** What the answer says (Retry-After-Ms) of when to ask again. */
const refusedPauseMs = 50;
const startMs = 60_000;

export async function importUsers({ client }, pool, users) {
  const csv = usersCsv(users);
  const id = randomUUID();
  const deadline = nowMs() + startMs;
  for (;;) {
    try {
      await client.importUsers(pool, { id, csv: () => Readable.from([csv]) });
      return;
    } catch (error) {
      if (nowMs() > deadline) throw error;
      await sleep(200);
    }
  }
}

export const usersOf = (pool, count) => makeUsers(count, [pool]);

/** `perSecond` notes by `users.length` devices; ends of acknowledged ones in `acks`, ascending. */
export function startWriters({ topology, pool, users, perSecond }) {
  const agent = new Agent({ keepAlive: true });
  const ledger = createWriteLedger([pool]);
  const acks = [];
  const stopping = new AbortController();
  const everyMs = (users.length * 1000) / perSecond;
  let [tried, refused] = [0, 0];
  const write = async (user, index) => {
    const client = createPoolClient({ user, addresses: addressesOf(topology, pool), agent });
    await sleep((everyMs * index) / users.length);
    let [id, refusals, due] = [newId(), 0, nowMs()];
    while (!stopping.signal.aborted) {
      const began = nowMs();
      tried += 1;
      const body = { id, to: user.name, body: `note ${id.slice(-8)}` };
      const served = await client.request({ method: 'POST', path: '/v1/messages', body });
      if (served?.status === 201) {
        const generation = Number(JSON.parse(served.text).position.split(':')[0]);
        const endMs = nowMs();
        ledger.add({
          id,
          table: 'messages',
          pool,
          stores: served.stores,
          generation,
          startMs: began,
          endMs,
        });
        acks.push({ endMs, stores: served.stores });
        id = newId();
        refusals = 0;
        // What was missed in an outage is let be: the rate stays what it is.
        due = Math.max(due + everyMs, endMs - everyMs);
        const wait = due - endMs;
        if (wait > 0.5) await sleep(wait);
      } else {
        refused += 1;
        refusals += 1;
        if (refusals % 2 === 0) await sleep(refusedPauseMs);
      }
    }
  };
  const loops = users.map(write);
  return {
    acks,
    ledger,
    counts: () => ({ tried, refused }),
    stop: async () => {
      stopping.abort();
      await Promise.all(loops);
      agent.destroy();
    },
  };
}

/**
 * The longest time without an acknowledgement that reaches into the window; a silence that has not
 * ended by then counts up to the window's end.
 */
export function longestGap(acks, fromMs, toMs) {
  const ends = acks.map(({ endMs }) => endMs).filter((at) => at > fromMs - 500 && at < toMs + 500);
  if ((ends.at(-1) ?? fromMs) < toMs) ends.push(toMs);
  let best = { fromMs, toMs: fromMs };
  for (let index = 1; index < ends.length; index += 1) {
    const gap = { fromMs: ends[index - 1], toMs: ends[index] };
    const isInside = gap.toMs > fromMs && gap.fromMs < toMs;
    if (isInside && gap.toMs - gap.fromMs > best.toMs - best.fromMs) best = gap;
  }
  return { ...best, lengthMs: best.toMs - best.fromMs };
}

export function median(values) {
  const sorted = values.toSorted((left, right) => left - right);
  const middle = sorted.length >> 1;
  if (sorted.length % 2 === 1) return sorted[middle];
  return (sorted[middle - 1] + sorted[middle]) / 2;
}
