import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemChance, systemClock } from '@understudy/ports/system';
import {
  createRoleControlClient,
  type DigestAlgorithm,
  type RoleControlClient,
} from '@understudy/api';
import {
  asDataset,
  asDatasetId,
  asGeneration,
  asPool,
  asStore,
  type RoleAssignment,
  type RoleMount,
  type RolePool,
  routingGroupsOf,
} from '@understudy/core';
import type { Log, RoleControl } from '@understudy/ports';
import {
  createPostgresEngine,
  type PostgresEngine,
  startTestPostgres,
  type TestPostgres,
} from '@understudy/postgres';
import { type RunningRegistrar, startRegistrar } from '../start-registrar.ts';
import { realm } from './digest-client.ts';
import { testCertificate } from '@understudy/sip/testing';

export const bootMs = () => systemClock.bootMs();
export const pool = asPool('east');
export const dataset = asDataset('users-east');
export const silentLog: Log = { say: () => {} };
export const routingGroups = routingGroupsOf({ name: pool, routingGroups: 2 });
const id = asDatasetId('01990000-0000-7000-8000-000000000001');
const longMs = 600_000;

/** A store with one dataset born on it, and a role that serves it. */
export type OnePool = AsyncDisposable & {
  readonly server: TestPostgres;
  readonly engine: PostgresEngine;
  readonly role: RunningRegistrar;
  readonly control: RoleControlClient & RoleControl;
  readonly url: string;
  /** Raises the generation, opens the gate and tells the role. */
  mount(changed?: {
    readonly pool?: Partial<RolePool>;
    readonly mount?: Partial<RoleMount>;
    /** The role has read the groups ahead: they are not loaded again. */
    readonly isReadAhead?: boolean;
  }): Promise<RoleMount>;
  assign(changed: Partial<RoleAssignment>): Promise<void>;
  add(name: string, password: string): Promise<string>;
  startRole(): Promise<RunningRegistrar>;
  sql<Row = Record<string, unknown>>(text: string): Promise<readonly Row[]>;
};

export type OnePoolOptions = {
  readonly isDurable?: boolean;
  readonly importPieceRows?: number;
  /** How long the role's machine has slept: its timers know nothing of it. */
  readonly sleptMs?: () => number;
  /** Of the users; the realm stays. */
  readonly domains?: readonly string[];
  /** What phones are challenged for over TLS, where it is not as elsewhere. */
  readonly digestsOverTls?: readonly DigestAlgorithm[];
};

export async function startOnePool(options: OnePoolOptions = {}): Promise<OnePool> {
  const server = await startTestPostgres(options);
  const folder = await mkdtemp(join(tmpdir(), 'understudy-role-'));
  const engine = anEngine(server);
  await engine.create({ dataset, id });
  const started: RunningRegistrar[] = [];
  const startRole = async () => {
    const role = await aRole(join(folder, `roles-${started.length}.sock`), options);
    started.push(role);
    return role;
  };
  const role = await startRole();
  const control = createRoleControlClient(join(folder, 'roles-0.sock'));
  const client = await openSql(server);
  const { assign, mount } = aLeader(engine, control);
  return {
    server,
    engine,
    role,
    control,
    url: role.usersUrl,
    startRole,
    assign,
    mount,
    add: (name, password) => addUser(control, { name, password }),
    sql: async <Row>(text: string) => (await client.query(text)).rows as Row[],
    [Symbol.asyncDispose]: async () => {
      await client.end();
      await Promise.all(started.map((each) => each[Symbol.asyncDispose]()));
      await engine[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function anEngine(server: TestPostgres): PostgresEngine {
  const adminUrl = server.url('postgres');
  return createPostgresEngine({
    store: asStore('east-store'),
    adminUrl,
    urlOf: () => adminUrl,
    secret: 'a secret of tests',
    clock: systemClock,
    log: silentLog,
  });
}

function aRole(
  socketPath: string,
  { importPieceRows = 400, domains = [realm], digestsOverTls, sleptMs = () => 0 }: OnePoolOptions,
): Promise<RunningRegistrar> {
  return startRegistrar({
    socketPath,
    users: { host: '127.0.0.1', port: 0 },
    secret: 'a secret of tests',
    realm,
    domains,
    sip: {
      host: '127.0.0.1',
      port: 0,
      tls: { port: 0, ...testCertificate },
      ...(digestsOverTls !== undefined && { algorithmsOverTls: digestsOverTls }),
    },
    lives: { lifeMinMs: 60_000, lifeMs: 600_000, lifeMaxMs: 7_200_000 },
    keptMessageMs: longMs,
    clock: systemClock,
    chance: systemChance,
    nowMs: () => Date.now(),
    bootMs: () => bootMs() + sleptMs(),
    log: silentLog,
    roleOrphanMs: longMs,
    importPieceRows,
  });
}

/** What an agent would do: generations and assignments that grow. */
function aLeader(
  engine: PostgresEngine,
  control: RoleControlClient,
): Pick<OnePool, 'assign' | 'mount'> {
  let [last, number] = [0, 0];
  const assign = async (changed: Partial<RoleAssignment>) => {
    number += 1;
    await control.assign({ number, agentLife: 'a life', pools: [], mounts: [], ...changed });
  };
  const mount: OnePool['mount'] = async (changed = {}) => {
    last += 1;
    const generation = asGeneration(last);
    await engine.mount({ dataset, generation, holder: 'test', validForMs: longMs });
    const url = await engine.roleUrl(dataset);
    const deadlineMs = bootMs() + longMs;
    const mounted = { dataset, id, pool, generation, url, deadlineMs, routingGroups };
    const whole: RoleMount = { ...mounted, ...changed.mount };
    const pools = [{ pool, state: 'active' as const, isServing: true, ...changed.pool }];
    await assign({ pools, mounts: [whole] });
    if (!changed.isReadAhead) await control.hydrate({ dataset, groups: routingGroups });
    return whole;
  };
  return { assign, mount };
}

async function openSql(server: TestPostgres) {
  const { default: pg } = await import('pg');
  const client = new pg.Client(server.url('users_east'));
  client.on('error', () => {}); // Tests end sessions, this one's too.
  await client.connect();
  return client;
}

/** Answers to admin requests as text, for tests. */
export async function admin(
  control: RoleControlClient,
  asked: Parameters<RoleControlClient['forward']>[0],
): Promise<{ readonly status: number; readonly json: Record<string, unknown> }> {
  const answer = await control.forward(asked);
  let text = '';
  for await (const chunk of answer.body) text += String(chunk);
  return { status: answer.status, json: JSON.parse(text) as Record<string, unknown> };
}

export const usersPath = `/role/admin/pools/${pool}/users`;

async function addUser(
  control: RoleControlClient,
  { name, password }: { readonly name: string; readonly password: string },
): Promise<string> {
  const id = crypto.randomUUID();
  const body = JSON.stringify({ id, name, displayName: name.toUpperCase(), password });
  const headers = { 'content-type': 'application/json' };
  const answer = await admin(control, { method: 'POST', path: usersPath, headers, body });
  if (answer.status !== 201) throw new Error(`${answer.status} ${JSON.stringify(answer.json)}`);
  return id;
}
