/* oxlint-disable typescript/no-unsafe-assignment, typescript/no-unsafe-call, typescript/no-unsafe-member-access, typescript/no-unsafe-return, typescript/no-unsafe-argument --
   Plain JavaScript over built packages: it runs without a build of its own. */
// One dataset on two stores with fsync on, switched there and back by the engine's verbs alone
// (fence, marker, detach, mount): no agents, no roles, no HTTP. Writers speak SQL through the gate.
import { randomUUID } from 'node:crypto';
import { loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { asDataset, asDatasetId, asGeneration, asRun, asStore } from '@understudy/core';
import { systemClock } from '@understudy/ports/system';
import pg from 'pg';
import { createPostgresEngine } from '../../packages/postgres/build/index.js';
import { startTestPostgresPair } from '../../packages/postgres/build/embedded/start-test-postgres.js';
import { longestGap, median } from './load.mjs';

const dataset = asDataset('users-east');
const id = asDatasetId('01990000-0000-7000-8000-000000000001');
const user = randomUUID();
const nowMs = () => performance.timeOrigin + performance.now();
const validForMs = 600_000;

const writeSql = `
  WITH gate AS MATERIALIZED (SELECT understudy.check_gate($1) AS is_open)
  INSERT INTO app.messages (id, from_user, to_user, body, sent_at, place, generation)
  SELECT a.id, $2, $2, 'hello there', now(), 0, $1 FROM unnest($3::uuid[]) AS a(id), gate
   WHERE gate.is_open`;

/** Switches there and back `runs` times; `perSecond` rows by 8 writers, `rows` a transaction. */
export async function measureSwitches({ perSecond, rows, runs, say }) {
  const pair = await startTestPostgresPair({ isDurable: true });
  const sides = [pair.east, pair.west].map((server, index) => aSide(pair, server, index));
  try {
    return await switchBackAndForth(sides, { perSecond, rows, runs, say });
  } finally {
    for (const { engine } of sides) await engine[Symbol.asyncDispose]();
    await pair[Symbol.asyncDispose]();
  }
}

function aSide(pair, server, index) {
  const store = asStore(index === 0 ? 'east-store' : 'west-store');
  const urlOf = (name) => (name === 'east-store' ? pair.east : pair.west).url('postgres');
  const adminUrl = server.url('postgres');
  const log = { say: () => {} };
  const secret = 'a secret of benches';
  return {
    store,
    server,
    engine: createPostgresEngine({ store, adminUrl, urlOf, secret, clock: systemClock, log }),
  };
}

async function switchBackAndForth(sides, { perSecond, rows, runs, say }) {
  const [east, west] = sides;
  await east.engine.create({ dataset, id });
  let generation = 1;
  let since = 1;
  const mount = ({ engine }) =>
    engine.mount({ dataset, generation: asGeneration(generation), holder: 'bench', validForMs });
  await mount(east);
  const linkOf = (from, to) => ({
    dataset,
    from: from.store,
    to: to.store,
    since: asGeneration(since),
  });
  await west.engine.seed({ id, link: linkOf(east, west) });
  await untilLevel(west);
  await west.engine.prepareWayBack(linkOf(west, east), 5_000);
  const writers = await startWriters({ sides, perSecond, rows });
  writers.serve(0, generation);
  await sleep(3_000);
  const outages = [];
  let active = 0;
  for (let number = 1; number <= runs; number += 1) {
    const [from, to] = [sides[active], sides[1 - active]];
    const run = asRun(`run-${number}`);
    const calm = longestGap(writers.acks, nowMs() - 1_000, nowMs()).lengthMs;
    const began = nowMs();
    const former = asGeneration(generation);
    const marker = { dataset, generation: former, run, attempt: 1 };
    const handOver = { run, attempt: 1, target: to.store };
    await Promise.all([
      from.engine.fence({ dataset, generation: former, drainMs: 250, timeoutMs: 5_000, handOver }),
      to.engine.awaitMarker({ marker, timeoutMs: 10_000 }),
    ]);
    const sawMs = nowMs() - began;
    await to.engine.detach({ dataset, generation: former, timeoutMs: 10_000 });
    generation += 1;
    await mount(to);
    const mountedMs = nowMs() - began;
    active = 1 - active;
    writers.serve(active, generation);
    const back = linkOf(to, from);
    await from.engine.follow({ id, link: back });
    since = generation;
    await untilLevel(from);
    await from.engine.prepareWayBack(linkOf(from, to), 5_000);
    await sleep(1_500);
    const gap = longestGap(writers.acks, began, began + 1_500);
    outages.push(gap.lengthMs);
    say?.({
      switch: number,
      outageMs: Math.round(gap.lengthMs * 10) / 10,
      calmGapMs: Math.round(calm * 10) / 10,
      markerAtMs: Math.round(sawMs),
      mountedAtMs: Math.round(mountedMs),
      load: loadavg()[0].toFixed(1),
    });
  }
  await writers.stop();
  return {
    outages,
    medianMs: median(outages),
    maxMs: Math.max(...outages),
    ackedRows: writers.ids.length,
    ackedPerSecond: writers.rate(),
    lost: await countLost(sides[active], writers.ids),
  };
}

async function untilLevel({ engine }) {
  const deadline = nowMs() + 60_000;
  while (nowMs() < deadline) {
    const following = (await engine.observe(dataset))[0]?.following;
    const isReady = following?.tablesTotal > 0 && following.tablesReady === following.tablesTotal;
    if (following?.isConnected && isReady) return;
    await sleep(20);
  }
  throw new Error('the copy is not level within a minute');
}

async function startWriters({ sides, perSecond, rows }) {
  const count = 8;
  const urls = [];
  for (const { engine } of sides) urls.push(await engine.roleUrl(dataset).catch(() => undefined));
  const acks = [];
  const ids = [];
  let place;
  let [tell, told] = [() => {}, Promise.resolve()];
  let isOver = false;
  const beganMs = nowMs();
  const everyMs = (count * rows * 1000) / perSecond;
  const write = async (index) => {
    const clients = urls.map((connectionString) => new pg.Client({ connectionString }));
    for (const client of clients) client.on('error', () => {});
    await Promise.all(clients.map((client) => client.connect()));
    await sleep((everyMs * index) / count);
    let due = nowMs();
    while (!isOver) {
      if (place === undefined) {
        await told;
        continue;
      }
      const { side, generation } = place;
      const mine = Array.from({ length: rows }, () => randomUUID());
      const values = [generation, user, mine];
      const asked = { name: 'write', text: writeSql, values };
      try {
        await clients[side].query(asked);
        const endMs = nowMs();
        acks.push({ endMs });
        for (const each of mine) ids.push(each);
        due = Math.max(due + everyMs, endMs - everyMs);
        if (due - endMs > 0.5) await sleep(due - endMs);
      } catch {
        // The gate is shut: whoever is told first where the next one is open writes there.
        if (place?.generation === generation) {
          place = undefined;
          told = new Promise((resolve) => {
            tell = resolve;
          });
        }
      }
    }
    await Promise.all(clients.map((client) => client.end()));
  };
  const loops = Array.from({ length: count }, (_, index) => write(index));
  return {
    acks,
    ids,
    rate: () => Math.round((ids.length * 1000) / (nowMs() - beganMs)),
    serve: (side, generation) => {
      place = { side, generation };
      tell();
    },
    stop: async () => {
      isOver = true;
      await Promise.all(loops);
    },
  };
}

async function countLost({ engine }, ids) {
  const client = new pg.Client({ connectionString: await engine.roleUrl(dataset) });
  await client.connect();
  let lost = 0;
  for (let from = 0; from < ids.length; from += 10_000) {
    const { rows } = await client.query(
      `SELECT count(*) AS lost FROM unnest($1::uuid[]) AS asked(id)
        WHERE NOT EXISTS (SELECT FROM app.messages kept WHERE kept.id = asked.id)`,
      [ids.slice(from, from + 10_000)],
    );
    lost += Number(rows[0].lost);
  }
  await client.end();
  return lost;
}
