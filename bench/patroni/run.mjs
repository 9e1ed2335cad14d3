/* oxlint-disable typescript/no-unsafe-assignment, typescript/no-unsafe-call, typescript/no-unsafe-member-access, typescript/no-unsafe-return, typescript/no-unsafe-argument --
   Plain JavaScript: it runs without a build of its own. */
// Patroni beside: a planned switchover of two members (streaming replication, etcd) under 8 SQL
// writers. A write counts when COMMIT returned, as in the other benches; a writer that is refused
// tries the other member at once. Needs Debian's patroni, etcd-server and postgresql-15, and root
// or the user postgres. Usage: node bench/patroni/run.mjs [SWITCHOVERS] [WRITES_PER_SECOND]
import { execFile, execFileSync, spawn } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { longestGap, median } from '../shared/load.mjs';

const switchovers = Number(process.argv[2]) || 5;
const perSecond = Number(process.argv[3]) || 1_000;
const binDir = '/usr/lib/postgresql/15/bin';
const template = await readFile(new URL('./etcd-and-patroni.yml', import.meta.url), 'utf8');
const password = randomBytes(12).toString('hex');
const run = promisify(execFile);
const nowMs = () => performance.timeOrigin + performance.now();
const isRoot = process.getuid() === 0;
// PostgreSQL refuses root.
const as = isRoot ? idsOf('postgres') : {};

const folder = await mkdtemp(join(tmpdir(), 'bench-patroni-'));
await chmod(folder, 0o755);
const children = [];
try {
  await measure();
} finally {
  for (const child of children.toReversed()) await end(child);
  await rm(folder, { recursive: true, force: true });
}

function idsOf(user) {
  const id = (kind) => Number(execFileSync('id', [kind, user], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

async function measure() {
  const etcdPort = await freePort();
  await start('etcd', etcdWords(etcdPort, await freePort()), 'etcd');
  const members = [];
  for (const name of ['east', 'west']) members.push(await startMember(name, etcdPort));
  await untilBoth(members[0]);
  const [first] = members;
  await untilStreaming(first);
  const admin = new pg.Client(first.url);
  await admin.connect();
  await admin.query('CREATE TABLE writes (id uuid PRIMARY KEY, at timestamptz DEFAULT now())');
  await admin.end();
  const writers = startWriters(members);
  await sleep(3_000);
  const outages = [];
  for (let number = 1; number <= switchovers; number += 1) {
    const leader = await untilBoth(members[0]);
    await untilStreaming(members.find(({ name }) => name === leader));
    const to = members.find(({ name }) => name !== leader);
    const calm = longestGap(writers.acks, nowMs() - 1_000, nowMs()).lengthMs;
    const began = nowMs();
    const config = join(folder, `${leader}.yml`);
    const words = ['-c', config, 'switchover', 'bench', '--master', leader];
    await run('patronictl', [...words, '--candidate', to.name, '--force'], as);
    const commandMs = nowMs() - began;
    await untilBoth(members[0]);
    await sleep(2_000);
    const gap = longestGap(writers.acks, began, nowMs());
    outages.push(gap.lengthMs);
    const line = {
      switchover: number,
      outageMs: Math.round(gap.lengthMs),
      calmGapMs: Math.round(calm * 10) / 10,
      commandMs: Math.round(commandMs),
      load: loadavg()[0].toFixed(1),
    };
    console.log(JSON.stringify(line));
  }
  await writers.stop();
  const leader = await untilBoth(members[0]);
  const lost = await countLost(
    members.find(({ name }) => name === leader),
    writers.ids,
  );
  console.log(
    JSON.stringify({
      switchovers,
      medianMs: Math.round(median(outages)),
      minMs: Math.round(Math.min(...outages)),
      maxMs: Math.round(Math.max(...outages)),
      acked: writers.ids.length,
      lost,
    }),
  );
}

function etcdWords(port, peerPort) {
  const client = `http://127.0.0.1:${port}`;
  const peer = `http://127.0.0.1:${peerPort}`;
  const options = {
    name: 'bench',
    'data-dir': join(folder, 'etcd'),
    'listen-client-urls': client,
    'advertise-client-urls': client,
    'listen-peer-urls': peer,
    'initial-advertise-peer-urls': peer,
    'initial-cluster': `bench=${peer}`,
  };
  return Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
}

async function start(program, words, name, options = {}) {
  const log = join(folder, `${name}.log`);
  const { openSync } = await import('node:fs');
  const out = openSync(log, 'a');
  const child = spawn(program, words, { stdio: ['ignore', out, out], ...options });
  children.push(child);
  return child;
}

async function startMember(name, etcdPort) {
  const home = join(folder, name);
  await mkdir(home);
  if (isRoot) execFileSync('chown', ['postgres:', home]);
  const [port, restPort] = [await freePort(), await freePort()];
  const text = template
    .replaceAll('NAME', name)
    .replaceAll('REST_PORT', restPort)
    .replaceAll('ETCD_PORT', etcdPort)
    .replaceAll('PG_PORT', port)
    .replaceAll('FOLDER', home)
    .replaceAll('BIN_DIR', binDir)
    .replaceAll('PASSWORD', password);
  const config = join(folder, `${name}.yml`);
  await writeFile(config, text);
  await start('patroni', [config], name, { ...as, env: { ...process.env, HOME: home } });
  const url = `postgresql://postgres:${password}@127.0.0.1:${port}/postgres`;
  const member = { name, port, restPort, url };
  await untilRuns(member);
  return member;
}

async function ask({ restPort }, path) {
  const answer = await fetch(`http://127.0.0.1:${restPort}${path}`).catch(() => undefined);
  return answer === undefined ? undefined : await answer.json().catch(() => undefined);
}

async function untilRuns(member) {
  for (const deadline = nowMs() + 90_000; nowMs() < deadline; await sleep(200)) {
    if ((await ask(member, '/patroni'))?.state === 'running') return;
  }
  const said = await readFile(join(folder, `${member.name}.log`), 'utf8');
  throw new Error(`${member.name} does not run: ${said}`);
}

/** The leader's name once one leads and the other streams. */
async function untilBoth(member) {
  for (const deadline = nowMs() + 90_000; nowMs() < deadline; await sleep(200)) {
    const { members = [] } = (await ask(member, '/cluster')) ?? {};
    const leader = members.find(({ role }) => role === 'leader');
    const follower = members.find(({ role }) => role === 'replica');
    const isLevel = ['running', 'streaming'].includes(follower?.state) && follower.lag === 0;
    if (leader?.state === 'running' && isLevel) return leader.name;
  }
  throw new Error('no leader with a level replica within 90 s');
}

/** What Patroni's cluster view says of lag is up to loop_wait old: the leader itself knows. */
async function untilStreaming(leader) {
  const client = await connect(leader);
  try {
    for (const deadline = nowMs() + 60_000; nowMs() < deadline; await sleep(100)) {
      const { rows } = await client.query(
        `SELECT FROM pg_stat_replication WHERE state = 'streaming'
            AND pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn) < 65536`,
      );
      if (rows.length > 0) return;
    }
  } finally {
    await client.end();
  }
  throw new Error('the replica does not stream within a minute');
}

function startWriters(members) {
  const [acks, ids] = [[], []];
  let isOver = false;
  const count = 8;
  const everyMs = (count * 1000) / perSecond;
  const write = async (index) => {
    let [at, client, due] = [0, undefined, nowMs() + (everyMs * index) / count];
    let id = randomUUID();
    while (!isOver) {
      try {
        client ??= await connect(members[at]);
        await client.query('INSERT INTO writes (id) VALUES ($1) ON CONFLICT DO NOTHING', [id]);
        const endMs = nowMs();
        acks.push({ endMs });
        ids.push(id);
        id = randomUUID();
        due = Math.max(due + everyMs, endMs - everyMs);
        if (due - endMs > 0.5) await sleep(due - endMs);
      } catch {
        await client?.end().catch(() => {});
        client = undefined;
        at = (at + 1) % members.length;
        if (at === 0) await sleep(10);
      }
    }
    await client?.end();
  };
  const loops = Array.from({ length: count }, (_, index) => write(index));
  return {
    acks,
    ids,
    stop: async () => {
      isOver = true;
      await Promise.all(loops);
    },
  };
}

async function connect({ url }) {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 1_000 });
  client.on('error', () => {});
  await client.connect();
  return client;
}

async function countLost({ url }, ids) {
  const client = await connect({ url });
  let lost = 0;
  for (let from = 0; from < ids.length; from += 10_000) {
    const { rows } = await client.query(
      `SELECT count(*) AS lost FROM unnest($1::uuid[]) AS asked(id)
        WHERE NOT EXISTS (SELECT FROM writes WHERE writes.id = asked.id)`,
      [ids.slice(from, from + 10_000)],
    );
    lost += Number(rows[0].lost);
  }
  await client.end();
  return lost;
}

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function end(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await Promise.race([gone, sleep(20_000).then(() => child.kill('SIGKILL'))]);
}
