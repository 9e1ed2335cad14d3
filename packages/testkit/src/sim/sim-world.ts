import { asServer, type ServerName, type StoreName, type Topology } from '@understudy/core';
import {
  FakeEngine,
  FakeStore,
  FakeVotes,
  type FakeStoreWorld,
  type PlantedFault,
  SeededChance,
  SimulatedClock,
} from '@understudy/ports/fake';
import type { GateRenewed } from '@understudy/ports';
import { ClockRates } from './mischief/clock-rates.ts';
import { Exceptions } from './mischief/exceptions.ts';
import type { Hearsay } from './members/believe-the-silent.ts';
import { GoneWrites } from './gone-writes.ts';
import { History } from './history.ts';
import { type Mischief, noMischief, slowMs } from './mischief/mischief.ts';
import { SiteClock } from './mischief/site-clock.ts';

/** A voter that holds no copy, on a machine of its own. */
export const witnessServer = asServer('witness');
/** One that an operator may name in its place. */
export const alternateServer = asServer('alternate');

/** Clock, network and stores of one simulated deployment, all from one seed. */
export class SimWorld implements FakeStoreWorld {
  readonly clock = new SimulatedClock();
  readonly chance: SeededChance;
  readonly faults: ReadonlySet<PlantedFault>;
  readonly topology: Topology;
  readonly history: History;
  readonly stores = new Map<StoreName, FakeStore>();
  /** Told of each write at its commit. */
  committed: NonNullable<FakeStoreWorld['committed']> = () => {};
  /** Told of each act of a salvage before it commits. */
  salvaging: NonNullable<FakeStoreWorld['salvaging']> = () => {};
  readonly engines = new Map<StoreName, FakeEngine>();
  /** Of each machine, and of each store that is timed by a clock of its own. */
  readonly clocks = new Map<ServerName, SiteClock>();
  readonly storeClocks = new Map<StoreName, SiteClock>();
  readonly exceptions: Exceptions;
  /** All that went wrong has ended, and nothing new begins. */
  isMended = false;
  readonly mischief: Mischief = { ...noMischief };
  /** Writes that went with a disk and stood on no other. */
  readonly gone = new GoneWrites();
  /** For the rule V5 to be taken out. */
  readonly hearsay: Hearsay = new Map();
  /** Directed pairs of servers whose messages do not arrive. */
  readonly #cuts = new Set<string>();
  readonly #gone = new Set<ServerName>();
  /** Voters decide who may mount: a member's in its store, and the witness. */
  readonly isVoted: boolean;
  /** What each voter keeps: a member's its store, or a witness. */
  readonly #votes = new Map<ServerName, FakeVotes>();
  readonly #serverOf = new Map<StoreName, ServerName>();

  constructor(
    seed: number,
    topology: Topology,
    { faults, isVoted = false }: { faults: ReadonlySet<PlantedFault>; isVoted?: boolean },
  ) {
    this.isVoted = isVoted;
    this.chance = new SeededChance(seed, this.clock);
    this.topology = topology;
    this.faults = faults;
    this.history = new History(this.clock);
    this.exceptions = new Exceptions(this.clock);
    const rates = new ClockRates(seed);
    for (const { name, server } of topology.stores) {
      const store = new FakeStore(name, this);
      this.stores.set(name, store);
      this.engines.set(name, new FakeEngine(store, () => this.stores.values()));
      this.#serverOf.set(name, server);
      if (!this.clocks.has(server)) {
        this.clocks.set(server, new SiteClock(this.clock, rates.next()));
      }
      if (rates.hasOwnClock) this.storeClocks.set(name, new SiteClock(this.clock, rates.next()));
    }
  }

  votesOf(server: ServerName): FakeVotes {
    const known = this.#votes.get(server) ?? new FakeVotes();
    this.#votes.set(server, known);
    return known;
  }

  storeNamed(name: StoreName): FakeStore | undefined {
    return this.stores.get(name);
  }

  canReach(from: StoreName, to: StoreName): boolean {
    return this.canTalk(this.serverOf(from), this.serverOf(to));
  }

  /** Most questions are answered at once; some take long enough for others to come between. */
  latencyMs(): number {
    if (this.chance.fraction() < this.mischief.slow) return this.chance.integer(...slowMs);
    return this.chance.fraction() < 0.1 ? this.chance.integer(1, 20) : 0;
  }

  applyMs(): number {
    return this.chance.integer(2, 30);
  }

  clockOf(server: ServerName): SiteClock {
    const clock = this.clocks.get(server);
    if (clock === undefined) throw new Error(`server ${server} has no clock`);
    return clock;
  }

  gateMs(store: StoreName): number {
    return (this.storeClocks.get(store) ?? this.clockOf(this.serverOf(store))).bootMs();
  }

  /** The theorem promises nothing of `store` now. */
  isExcepted(store: StoreName): boolean {
    return this.exceptions.has(store) || this.clockOf(this.serverOf(store)).isStopped;
  }

  /** Without V3 an agent is told the store's time by its own clock, and sees no step of it. */
  shownMs(store: StoreName): number {
    return this.faults.has('V3') ? this.clockOf(this.serverOf(store)).bootMs() : this.gateMs(store);
  }

  renewed(store: StoreName, answer: GateRenewed): GateRenewed {
    this.exceptions.lookedAt(store);
    return this.faults.has('V3') ? { ...answer, validUntilMs: 0 } : answer;
  }

  serverOf(store: StoreName): ServerName {
    const server = this.#serverOf.get(store);
    if (server === undefined) throw new Error(`no server has store ${store}`);
    return server;
  }

  /** A connection needs both directions. */
  canTalk(one: ServerName, other: ServerName): boolean {
    return this.canSend(one, other) && this.canSend(other, one);
  }

  canSend(from: ServerName, to: ServerName): boolean {
    if (from === to) return true;
    return !this.#gone.has(from) && !this.#gone.has(to) && !this.#cuts.has(`${from}>${to}`);
  }

  /** It is switched off and never comes back. */
  takeAway(server: ServerName): void {
    this.#gone.add(server);
  }

  cut(from: ServerName, to: ServerName): void {
    this.#cuts.add(`${from}>${to}`);
  }

  heal(): void {
    this.#cuts.clear();
  }
}
