import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants, type WriteStream, createWriteStream } from 'node:fs';
import { access, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const program = '/usr/bin/etcd';
const readyMs = 20_000;
const lookMs = 50;

const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Debian's etcd, three members on loopback. Disposing kills them and removes their data. */
export type EtcdCluster = AsyncDisposable & {
  readonly endpoints: readonly string[];
  /** SIGKILL to the members of these indices; all of them without any. */
  kill(...members: readonly number[]): Promise<void>;
  /** Starts those that do not run, and resolves when the cluster answers. */
  start(): Promise<void>;
};

type Member = { readonly name: string; readonly client: string; readonly peer: string };

export async function startEtcd(): Promise<EtcdCluster> {
  await access(program, constants.X_OK).catch(() => {
    throw new Error(`this suite talks to etcd, and ${program} is missing: apt install etcd-server`);
  });
  const folder = await mkdtemp(join(tmpdir(), 'understudy-etcd-'));
  const log = createWriteStream(join(folder, 'log'));
  const members = await Promise.all(
    ['one', 'two', 'three'].map(async (name): Promise<Member> => {
      const [client, peer] = await Promise.all([freePort(), freePort()]);
      return { name, client: `http://127.0.0.1:${client}`, peer: `http://127.0.0.1:${peer}` };
    }),
  );
  const children = new Map<Member, ChildProcess>();
  const endpoints = members.map(({ client }) => client);
  const kill = async (...indices: readonly number[]): Promise<void> => {
    const chosen = members.filter((_, index) => indices.length === 0 || indices.includes(index));
    await Promise.all(chosen.map((member) => end(children.get(member))));
    for (const member of chosen) children.delete(member);
  };
  const start = async (): Promise<void> => {
    for (const member of members) {
      if (!children.has(member))
        children.set(member, spawnMember(member, { members, folder, log }));
    }
    await isReady(endpoints);
  };
  const dispose = async (): Promise<void> => {
    await kill();
    log.end();
    await rm(folder, { recursive: true, force: true });
  };
  await start().catch(async (error: unknown) => {
    await dispose();
    throw error;
  });
  return { endpoints, kill, start, [Symbol.asyncDispose]: dispose };
}

type Around = {
  readonly members: readonly Member[];
  readonly folder: string;
  readonly log: WriteStream;
};

function spawnMember({ name, client, peer }: Member, { members, folder, log }: Around) {
  const all = members.map((member) => `${member.name}=${member.peer}`).join(',');
  const words = Object.entries({
    name,
    'data-dir': join(folder, name),
    'listen-client-urls': client,
    'advertise-client-urls': client,
    'listen-peer-urls': peer,
    'initial-advertise-peer-urls': peer,
    'initial-cluster': all,
    'initial-cluster-state': 'new',
  }).map(([key, value]) => `--${key}=${value}`);
  const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

async function end(child: ChildProcess | undefined): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

/** A cluster that has no leader yet answers no linearizable question. */
async function isReady(endpoints: readonly string[]): Promise<void> {
  const untilMs = performance.now() + readyMs;
  for (;;) {
    const answers = await Promise.all(endpoints.map(answersAtAll));
    if (answers.every(Boolean)) return;
    if (performance.now() > untilMs) throw new Error(`etcd did not answer within ${readyMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, lookMs));
  }
}

async function answersAtAll(endpoint: string): Promise<boolean> {
  const question = {
    method: 'POST',
    body: JSON.stringify({ key: 'AA==' }),
    signal: AbortSignal.timeout(1_000),
  };
  const answer = await fetch(new URL('/v3/kv/range', endpoint), question).catch(() => undefined);
  // Where users are asked for, a stranger is refused, also before a leader is chosen.
  return answer !== undefined && answer.status < 500;
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (typeof address !== 'object' || address === null) throw new Error('no port was free');
  return address.port;
}
