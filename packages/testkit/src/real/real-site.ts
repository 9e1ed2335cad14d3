import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { promisify } from 'node:util';
import { type Agent, createAgent, createStandInMountRight } from '@understudy/agent';
import {
  activeRecordOf,
  type CopyReport,
  type DatasetName,
  databaseName,
  type ServerName,
  type StoreName,
  type Topology,
} from '@understudy/core';
import { withDatabase } from '@understudy/drill';
import type { AgentClient, Log } from '@understudy/ports';
import { fakeRoles, SeededChance } from '@understudy/ports/fake';
import { createSystemCommands, systemClock } from '@understudy/ports/system';
import {
  createPostgresControlStore,
  createPostgresEngine,
  type TestPostgres,
} from '@understudy/postgres';
import { catalogue } from '@understudy/runbooks';

export type RealSiteParts = {
  readonly server: ServerName;
  readonly store: StoreName;
  readonly topology: Topology;
  readonly postgres: TestPostgres;
  readonly urlOf: (store: StoreName) => string;
  /** The other agent's client, behind a cable that can be cut. */
  readonly partner: AgentClient;
};

/** One site: a real PostgreSQL server and a real agent in this process, both with a switch. */
export class RealSite {
  readonly server: ServerName;
  readonly store: StoreName;
  readonly #parts: RealSiteParts;
  #postgres: TestPostgres;
  #life: { readonly agent: Agent; end(): Promise<void> } | undefined;

  constructor(parts: RealSiteParts) {
    this.#parts = parts;
    this.#postgres = parts.postgres;
    this.server = parts.server;
    this.store = parts.store;
  }

  /** The agent that lives now; undefined while the site is off. */
  get client(): AgentClient | undefined {
    return this.#life?.agent.client;
  }

  get agent(): Agent {
    if (this.#life === undefined) throw new Error(`the agent of ${this.server} does not live`);
    return this.#life.agent;
  }

  startAgent(): void {
    this.#life ??= startAgent(this.#parts);
  }

  /** Without warning to anybody: the agent ends, PostgreSQL is killed. */
  async powerOff(): Promise<void> {
    await this.#postgres.kill();
    const life = this.#life;
    this.#life = undefined;
    await life?.end();
  }

  async powerOn(): Promise<void> {
    this.#postgres = await this.#postgres.restart();
    this.startAgent();
  }

  /** A new start of PostgreSQL under the same agent: every mount is lost (E5). */
  async restartPostgres(): Promise<void> {
    await this.#postgres.kill();
    this.#postgres = await this.#postgres.restart();
  }

  /** Only while the site is off: the files as they are now. */
  async takeSnapshot(): Promise<string> {
    const { pgdata } = this.#postgres;
    await promisify(execFile)('cp', ['-a', pgdata, `${pgdata}.snapshot`]);
    return `${pgdata}.snapshot`;
  }

  /** Only while the site is off: the files as they were then. */
  async goBackTo(snapshot: string): Promise<void> {
    const { pgdata } = this.#postgres;
    await rm(pgdata, { recursive: true });
    await promisify(execFile)('cp', ['-a', snapshot, pgdata]);
  }

  async sql<Row>(database: string, text: string, values: readonly unknown[] = []) {
    const stores = { superuserUrl: async () => this.#parts.urlOf(this.store) };
    const rows = await withDatabase({ stores, store: this.store, database }, async (client) => {
      const done = await client.query(text, [...values]);
      return done.rows as readonly Row[];
    });
    if (rows === undefined) throw new Error(`${database} on ${this.store} does not answer`);
    return rows;
  }

  /** Users as a role writes them, all in one transaction under the gate's own generation. */
  async writeUsers(dataset: DatasetName, users: readonly string[]): Promise<void> {
    const [gate] = await this.sql<{ by: string }>(
      databaseName(dataset),
      'SELECT generation::text AS by FROM understudy.gate',
    );
    const by = Number(gate?.by ?? 0);
    const list = users.map((name) => `'${name}'`).join(',');
    await this.sql(
      databaseName(dataset),
      `DO $$ BEGIN
         PERFORM understudy.check_gate(${by});
         INSERT INTO app.users
           (id, name, display_name, routing_group, created_at, changed_generation)
         SELECT gen_random_uuid(), name, name, 'g1', now(), ${by}
           FROM unnest(ARRAY[${list}]) AS name;
       END $$`,
    );
  }

  async users(dataset: DatasetName): Promise<readonly string[]> {
    const rows = await this.sql<{ name: string }>(
      databaseName(dataset),
      'SELECT name FROM app.users ORDER BY name',
    );
    return rows.map(({ name }) => name);
  }

  async copy(dataset: DatasetName): Promise<CopyReport | undefined> {
    const { copies } = await this.agent.report();
    return copies.find((each) => each.dataset === dataset && each.store === this.store);
  }

  async record(dataset: DatasetName) {
    return activeRecordOf((await this.agent.report()).decisions, dataset);
  }
}

const secret = 'a secret of tests';
const log: Log = { say: () => {} };

function startAgent({ server, store, topology, urlOf, partner }: RealSiteParts) {
  const adminUrl = urlOf(store);
  const clock = systemClock;
  const { limits } = topology;
  const engine = createPostgresEngine({ store, adminUrl, urlOf, secret, clock, log, limits });
  const control = createPostgresControlStore({ store, server, adminUrl });
  const agent = createAgent({
    server,
    version: 'test',
    topology,
    topologyHash: 'test',
    stores: [{ engine, control }],
    partners: [partner],
    ...fakeRoles(),
    mountRight: createStandInMountRight(limits.leaseMs),
    commands: createSystemCommands({}),
    runbooks: catalogue,
    clock,
    chance: new SeededChance(Math.floor(Math.random() * 2 ** 31), clock),
    log,
  });
  const stop = new AbortController();
  const running = agent.start(stop.signal);
  return {
    agent,
    async end() {
      stop.abort();
      await running;
      await engine[Symbol.asyncDispose]();
      await control[Symbol.asyncDispose]();
    },
  };
}
