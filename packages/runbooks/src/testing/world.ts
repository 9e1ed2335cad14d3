import assert from 'node:assert/strict';
import {
  type ActiveRecord,
  activeRecordOf,
  asGeneration,
  type DatasetName,
  type Inventory,
  newestDecisions,
  quoteLoss,
  type ServerName,
  seedLink,
  type Topology,
} from '@understudy/core';
import { FakeControlStore, FakeStore, SimulatedClock } from '@understudy/ports/fake';
import { WorldAgent } from './world-agent.ts';
import { type WorldCopy, worldCopy } from './world-copy.ts';

// A small faithful world for runbooks: agents, control databases, gates, markers and rows. It
// asserts at every instant what must never happen, so a test need only run something in it.
//
// I1. Never two mounted copies of a dataset.
// I2. A planned switch loses no row: the target mounts with all that the source ever had.
// I3. Generations of mounts never go back.
// I4. Nobody who answers is fenced.

export type Death = 'before' | 'after';

export class World {
  readonly clock = new SimulatedClock();
  readonly topology: Topology;
  readonly agents: readonly WorldAgent[];
  /** Servers that do not answer at all. */
  readonly off = new Set<ServerName>();
  /** Servers that were fenced, in order, each time by name. */
  readonly fenced: ServerName[] = [];
  /** Why a fencing command proves nothing, while it does not. */
  fencingFails: string | undefined;
  #write = 0;

  constructor(topology: Topology) {
    this.topology = topology;
    const storeWorld = {
      clock: this.clock,
      faults: new Set<never>(),
      storeNamed: () => undefined,
      canReach: () => true,
      latencyMs: () => 0,
      applyMs: () => 1,
    };
    this.agents = topology.servers.map(({ name }) => {
      const stores = topology.stores.filter(({ server }) => server === name);
      const store = stores[0];
      assert.ok(store !== undefined, 'every server of the harness has one store');
      const control = new FakeControlStore(new FakeStore(store.name, storeWorld), name);
      return new WorldAgent(this, name, { store: store.name, control });
    });
    for (const dataset of topology.datasets) {
      for (const { store } of dataset.copies) {
        const agent = this.agents.find((each) => each.store === store);
        agent?.copies.set(dataset.name, worldCopy(dataset.name, store));
      }
    }
  }

  agentOf(server: ServerName): WorldAgent {
    const agent = this.agents.find((each) => each.server === server);
    assert.ok(agent !== undefined, `no agent ${server}`);
    return agent;
  }

  copiesOf(dataset: DatasetName): readonly WorldCopy[] {
    return this.agents.flatMap(({ copies }) => copies.get(dataset) ?? []);
  }

  /** A record that everybody knows, mounted where it says, followed by all others. */
  async settle(record: ActiveRecord): Promise<void> {
    await Promise.all(this.agents.map(({ control }) => control.learn([record])));
    for (const copy of this.copiesOf(record.dataset)) {
      if (copy.store === record.active) this.openGate(copy, record);
      else copy.following = seedLink(record, copy.store);
    }
  }

  /** Users write wherever something is mounted; followers that are connected receive it. */
  write(): void {
    for (const { name } of this.topology.datasets) {
      const active = this.copiesOf(name).find(({ isMounted }) => isMounted);
      if (active === undefined) continue;
      this.#write += 1;
      active.rows = new Set([...active.rows, this.#write]);
    }
  }

  openGate(copy: WorldCopy, record: ActiveRecord): void {
    const others = this.copiesOf(copy.dataset).filter((each) => each !== copy);
    assert.ok(!others.some(({ isMounted }) => isMounted), 'I1: two mounted copies');
    assert.ok(record.generation > copy.mountedGeneration, 'I3: the generation went back');
    if (record.former?.how === 'handOver' && record.since === record.generation) {
      const former = others.find(({ store }) => store === record.former?.store);
      const isWhole = [...(former?.rows ?? [])].every((row) => copy.rows.has(row));
      assert.ok(isWhole, 'I2: the target mounts without a row that the source has');
    }
    copy.isMounted = true;
    copy.mountedGeneration = record.generation;
    copy.handedOver = undefined;
    copy.following = undefined;
  }

  /** A fencing command turns servers off that may still be writing, unseen from here. */
  fence(servers: readonly ServerName[]): void {
    for (const server of servers) {
      assert.ok(this.off.has(server), `I4: ${server} answers and is fenced`);
      for (const copy of this.agentOf(server).copies.values()) copy.isMounted = false;
    }
    this.fenced.push(...servers);
  }

  /** What agents do by themselves, given time: learn, mount what is theirs, follow the rest. */
  async heal(): Promise<void> {
    const known = await Promise.all(this.agents.map(({ control }) => control.readDecisions()));
    const newest = newestDecisions(...known);
    await Promise.all(this.agents.map(({ control }) => control.learn(newest)));
    for (const { name } of this.topology.datasets) {
      const record = activeRecordOf(newest, name);
      assert.ok(record !== undefined);
      for (const agent of this.agents) await agent.mountIfMine(name, record);
      for (const agent of this.agents) agent.followIfPassive(name, record);
    }
  }

  async inventory(observer: ServerName): Promise<Inventory> {
    const answering = this.agents.filter(({ server }) => !this.off.has(server));
    const reports = await Promise.all(answering.map((agent) => agent.report()));
    const decisions = newestDecisions(...reports.map((report) => report.decisions));
    return {
      topology: this.topology,
      topologyHash: 'topology-1',
      observer,
      atMs: this.clock.nowMs(),
      reports,
      silent: [...this.off].map((server) => ({ server, why: 'it is off' })),
      decisions,
      quotes: this.topology.datasets.flatMap(({ name, lossLimit }) =>
        this.copiesOf(name).map(({ store }) =>
          quoteLoss({
            dataset: name,
            copy: store,
            lag: { heartbeatAgeMs: 300, writesPerSecond: 10, lastWord: { writes: 0, ageMs: 300 } },
            limit: lossLimit,
            limits: this.topology.limits,
            oldGate: 'notProven',
            fencingMs: 1_000,
          }),
        ),
      ),
    };
  }
}

export const firstGeneration = asGeneration(1);
