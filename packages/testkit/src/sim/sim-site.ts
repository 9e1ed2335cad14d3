import {
  type Agent,
  type AgentParts,
  createAgent,
  createLeaseRight,
  createPartnerVoter,
  createStandInMountRight,
} from '@understudy/agent';
import {
  type DatasetName,
  membershipAtBirth,
  type ServerName,
  type StoreName,
  type Votes,
} from '@understudy/core';
import type { AgentClient, MountRight, ProcessSupervisor } from '@understudy/ports';
import {
  FakeCommands,
  FakeControlStore,
  type FakeEngine,
  type FakeStore,
} from '@understudy/ports/fake';
import { catalogue } from '@understudy/runbooks';
import { believingTheSilent } from './members/believe-the-silent.ts';
import { Life, mortal } from './mortal.ts';
import { simAgentClient } from './sim-agent-client.ts';
import { SimRole } from './sim-role.ts';
import { simVoter, simWitness } from './sim-voters.ts';
import { alternateServer, type SimWorld, witnessServer } from './sim-world.ts';

/** Members' stores and a witness. */
const votes: Votes = { kind: 'postgres', witness: { port: 0 }, endpoints: [] };

/** One simulated server with its store, roles and agent, each of which can die by itself. */
export class SimSite {
  readonly server: ServerName;
  readonly store: FakeStore;
  readonly role: SimRole;
  /** What commands that its agent runs do; durable, as programs are. */
  readonly commands: FakeCommands;
  agent: Agent | undefined;
  #isKeptOff = false;
  /** What would have started since somebody gave a word that it stays off. */
  #heldBack: (() => void)[] | undefined;
  #hasHeard = (): boolean => true;
  readonly #world: SimWorld;
  readonly #engine: FakeEngine;
  readonly #all: ReadonlyMap<ServerName, SimSite>;
  #life = new Life();

  constructor(parts: {
    readonly world: SimWorld;
    readonly store: StoreName;
    readonly all: ReadonlyMap<ServerName, SimSite>;
  }) {
    const { world, all } = parts;
    this.#world = world;
    this.#all = all;
    this.server = world.serverOf(parts.store);
    this.store = need(world.stores.get(parts.store));
    this.#engine = need(world.engines.get(parts.store));
    this.commands = new FakeCommands(world.clockOf(this.server));
    this.role = new SimRole(world, this.server, (dataset: DatasetName) =>
      this.store.copies.has(dataset) ? this.#engine : undefined,
    );
  }

  get isDead(): boolean {
    const isUp = this.agent !== undefined || this.store.isUp || this.role.isUp;
    return this.#isKeptOff || !isUp;
  }

  /** Its power is off, and nothing of it starts until somebody turns it on. */
  get isKeptOff(): boolean {
    return this.#isKeptOff;
  }

  /** Its agent runs, and so does the store that it asks. */
  get isAwake(): boolean {
    return this.agent !== undefined && this.#life.stalled === undefined && this.store.answers;
  }

  turnOff(): void {
    this.#isKeptOff = true;
    this.crashAll();
  }

  /** One that dies before `hasHeard` is kept off again by whoever turned it on. */
  turnOn(hasHeard: () => boolean): void {
    this.#isKeptOff = false;
    this.#hasHeard = hasHeard;
    this.startAll();
  }

  /** Whoever says that it is off sees to it: what starts meanwhile starts when it is let go. */
  holdOff(): () => void {
    if (this.#heldBack !== undefined) return () => {};
    const heldBack: (() => void)[] = [];
    this.#heldBack = heldBack;
    return () => {
      if (this.#heldBack !== heldBack) return;
      this.#heldBack = undefined;
      for (const start of heldBack) start();
    };
  }

  #isHeldBack(start: () => void): boolean {
    this.#heldBack?.push(start);
    return this.#heldBack !== undefined;
  }

  startAgent(): void {
    if (this.agent !== undefined || this.#isKeptOff) return;
    if (this.#isHeldBack(() => this.startAgent())) return;
    this.#life = new Life();
    this.agent = createAgent(this.#parts(this.#life));
    void this.agent.start(new AbortController().signal);
    this.#world.history.note(this.server, 'agent starts');
  }

  crashAgent(): void {
    if (this.agent === undefined) return;
    this.#life.end();
    this.agent = undefined;
    this.#world.history.note(this.server, 'agent dies');
    if (!this.#isKeptOff && !this.#hasHeard()) this.turnOff();
  }

  stallAgent(): void {
    this.#life.stall();
  }

  resumeAgent(): void {
    this.#life.resume();
  }

  /** Every process of the machine stands still, its stores' as well. */
  stallAll(): void {
    this.stallAgent();
    this.role.stall();
    this.store.hang();
  }

  resumeAll(): void {
    this.store.goOn();
    this.role.resume();
    this.resumeAgent();
  }

  crashStore(): void {
    if (!this.store.isUp) return;
    this.store.crash();
    this.#world.history.note(this.server, 'PostgreSQL dies');
  }

  startStore(): void {
    if (this.store.isUp || this.#isKeptOff) return;
    if (this.#isHeldBack(() => this.startStore())) return;
    this.store.startAgain();
    this.#world.history.note(this.server, 'PostgreSQL starts');
  }

  crashAll(): void {
    this.crashAgent();
    this.crashStore();
    this.role.crash();
    this.#world.clockOf(this.server).beginAnew();
  }

  startAll(): void {
    if (this.#isKeptOff || this.#isHeldBack(() => this.startAll())) return;
    this.startStore();
    this.role.start();
    this.startAgent();
  }

  #parts(life: Life): AgentParts {
    const world = this.#world;
    const control = new FakeControlStore(this.store, this.server);
    const others = [...this.#all.values()].filter((site) => site.server !== this.server);
    const partners = others.map((other) => {
      const target = () => other.agent?.client;
      const link = { world, from: this.server, to: other.server, target };
      return believing(world, simAgentClient(link), this.server);
    });
    return {
      server: this.server,
      version: 'simulated',
      topology: world.topology,
      topologyHash: 'simulated',
      stores: [
        {
          engine: mortal(this.#engine, life),
          control: mortal(control, life),
          ...(world.isVoted && { votes: mortal(simVoter(world, this.store), life) }),
        },
      ],
      partners: partners.map((partner) => mortal(partner, life)),
      roles: mortal(this.role, life),
      supervisor: mortal(this.#supervisor(), life),
      mountRight: this.#mountRight(partners, life),
      commands: mortal(this.commands, life),
      runbooks: catalogue,
      clock: mortal(world.clockOf(this.server), life),
      chance: world.chance,
      log: { say: (_level, sentence) => world.history.note(this.server, sentence) },
    };
  }

  #mountRight(partners: readonly AgentClient[], life: Life): MountRight {
    const world = this.#world;
    const { leaseMs } = world.topology.limits;
    if (!world.isVoted) return createStandInMountRight(leaseMs);
    const membership = need(membershipAtBirth({ ...world.topology, votes }));
    const voters = [
      simVoter(world, this.store),
      ...partners.map(createPartnerVoter),
      simWitness(world, this.server, witnessServer),
    ];
    const alternate = mortal(simWitness(world, this.server, alternateServer), life);
    const right = createLeaseRight({
      voters: voters.map((voter) => mortal(voter, life)),
      membership,
      witnesses: {
        name: (url) => ({ voter: alternate.voter, at: url }),
        open: () => alternate,
      },
      leaseMs,
      clock: mortal(world.clockOf(this.server), life),
      chance: world.chance,
    });
    return world.faults.has('V7') ? withoutRecord(right) : right;
  }

  #supervisor(): ProcessSupervisor {
    const { role } = this;
    return {
      startRoles: async () => {
        role.start();
      },
      stopRoles: async () => role.crash(),
      allowRoles: async () => {},
      observeRoles: async () => [{ role: 'registrar', isUp: role.isUp }],
    };
  }
}

function believing(world: SimWorld, client: AgentClient, from: ServerName): AgentClient {
  return world.faults.has('V5') ? believingTheSilent(client, from, world.hearsay) : client;
}

/** Without V7 writes stop waiting for a copy that every voter still names as in sync. */
function withoutRecord(right: MountRight): MountRight {
  const recordInSync: MountRight['recordInSync'] = async (of, copy) =>
    copy === undefined || (await right.recordInSync(of, copy));
  return new Proxy(right, {
    get(target, name) {
      if (name === 'recordInSync') return recordInSync;
      const member: unknown = Reflect.get(target, name, target);
      return typeof member === 'function' ? (member.bind(target) as unknown) : member;
    },
  });
}

function need<Thing>(thing: Thing | undefined): Thing {
  if (thing === undefined) throw new Error('the simulated deployment lacks a part');
  return thing;
}
