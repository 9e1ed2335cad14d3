import {
  asServer,
  asStore,
  asVoter,
  countMembership,
  type Generation,
  type Membership,
  membershipOf,
  newestGeneration,
  nextGeneration,
  noGeneration,
  startMembers,
  stopMembers,
  type StoreName,
  type VoterName,
} from '@understudy/core';
import { names, type OpenGate } from '@understudy/core/testing';
import { type Clock, type MountRight, StoreDownError, type VoteStore } from '@understudy/ports';
import { FakeVoteStore, FakeVotes, SeededChance, SimulatedClock } from '@understudy/ports/fake';
import { createLeaseRight } from '../lease/create-lease-right.ts';

// Histories of stores that hold, lose and take one lease by the agent's own code, while members are
// stopped and started, messages are late or lost, ways are cut, and clocks run fast and slow.

export type MembershipFault = 'voters take lower memberships' | 'former voters are not asked';

export type PlayedMemberships = {
  readonly gates: readonly OpenGate[];
  readonly takes: number;
  readonly changes: number;
};

const leaseMs = 2_000;
const lengthMs = 60_000;
const dataset = names.usersEastId;
const servers = ['a', 'b', 'c'].map(asServer);
const witness = asVoter('witness');
const atBirth: Membership = { generation: 0, started: servers, stopped: [], witness };

/** Plays one history; nothing of it outlives the call. */
export async function playMemberships(options: {
  readonly seed: number;
  readonly fault?: MembershipFault;
}): Promise<PlayedMemberships> {
  const world = new World(options.seed, options.fault);
  const contenders = servers.map((server) => new Contender(world, server));
  const lives = contenders.flatMap((each) => [each.live(), each.govern()]);
  await world.clock.advance(lengthMs);
  world.isOver = true;
  await world.clock.finish(Promise.all(lives));
  return { gates: world.gates, takes: world.takes, changes: world.changes };
}

class World {
  readonly clock = new SimulatedClock();
  readonly chance: SeededChance;
  readonly fault: MembershipFault | undefined;
  readonly gates: OpenGate[] = [];
  takes = 0;
  changes = 0;
  isOver = false;
  readonly #votes = new Map<VoterName, FakeVotes>();
  readonly #cutUntil = new Map<string, number>();

  constructor(seed: number, fault: MembershipFault | undefined) {
    this.chance = new SeededChance(seed, this.clock);
    this.fault = fault;
    for (const name of [...servers.map(asVoter), witness]) this.#votes.set(name, new FakeVotes());
  }

  /** Whoever may vote, as `from` reaches it: each way may take long, be lost, or be cut. */
  votersFor(from: string): readonly VoteStore[] {
    return [...this.#votes].map(([voter, kept]) => {
      const way = () => this.#way(from, voter);
      const votes = new FakeVoteStore(voter, kept, { ask: way, answer: way });
      return this.fault === 'voters take lower memberships' ? credulous(votes, kept) : votes;
    });
  }

  async #way(from: string, to: string): Promise<void> {
    const { chance, clock } = this;
    const way = `${from} ${to}`;
    if (chance.fraction() < 0.01) {
      this.#cutUntil.set(way, clock.bootMs() + chance.integer(500, 8_000));
    }
    await clock.sleep(
      chance.fraction() < 0.05 ? chance.integer(200, 3_000) : chance.integer(1, 40),
    );
    const isCut = clock.bootMs() < (this.#cutUntil.get(way) ?? 0);
    if (isCut || chance.fraction() < 0.02) throw new StoreDownError(`${to} does not answer`);
  }
}

/** A voter that looks at no membership. */
function credulous(votes: VoteStore, kept: FakeVotes): VoteStore {
  return {
    voter: votes.voter,
    read: (id) => votes.read(id),
    async compareAndSet(write) {
      const { membership } = kept;
      kept.membership = undefined;
      try {
        return await votes.compareAndSet(write);
      } finally {
        kept.membership ??= membership;
      }
    },
    look: () => votes.look(),
    changeMembership: (next) => votes.changeMembership(next),
  };
}

type Former = { readonly holder: StoreName; readonly generation: Generation };
type Held = { readonly generation: Generation; readonly gate: OpenGate };

class Contender {
  readonly #world: World;
  readonly #store: StoreName;
  readonly #right: MountRight;
  readonly #clock: Clock;
  readonly #rate: number;
  #held: Held | undefined;
  /** The newest generation under which its gate was open. */
  #used: Generation = noGeneration;

  constructor(world: World, server: string) {
    this.#world = world;
    this.#store = asStore(server);
    this.#rate = 0.92 + world.chance.fraction() * 0.16;
    this.#clock = skewed(world.clock, this.#rate);
    this.#right = createLeaseRight({
      voters: world.votersFor(server),
      membership: atBirth,
      leaseMs,
      clock: this.#clock,
      chance: world.chance,
    });
  }

  async live(): Promise<void> {
    const { chance } = this.#world;
    while (!this.#world.isOver) {
      // Some rounds come late: a process that was stopped for a while.
      await this.#clock.sleep(chance.fraction() < 0.03 ? chance.integer(500, 6_000) : 200);
      this.#right.watch([dataset]);
      if (this.#held !== undefined) await this.#hold(this.#held);
      else if (chance.fraction() < 0.3) await this.#take();
    }
  }

  /** Stops or starts a member now and then. */
  async govern(): Promise<void> {
    const { chance } = this.#world;
    while (!this.#world.isOver) {
      await this.#clock.sleep(chance.integer(3_000, 15_000));
      const { group } = this.#right;
      if (group === undefined) return;
      if ((await group.carry(dataset, undefined)) !== undefined) continue;
      const now = group.membership();
      const server = chance.pick(servers);
      const act = now.started.includes(server) ? stopMembers : startMembers;
      const changed = act(now, [server]);
      if (!changed.isAllowed) continue;
      const { former: _, ...restored } = changed.next;
      const isAsked = this.#world.fault !== 'former voters are not asked';
      const next = isAsked ? changed.next : restored;
      const granted = await group.change(next);
      if (countMembership(next, granted) === 'won') this.#world.changes += 1;
    }
  }

  async #hold({ generation, gate }: Held): Promise<void> {
    const now = this.#right.group?.membership().generation ?? 0;
    if (membershipOf(generation) < now) return await this.#take();
    const askedMs = this.#world.clock.bootMs();
    const validMs = await this.#right.validForMs({ dataset, store: this.#store, generation });
    if (validMs === undefined || this.#world.clock.bootMs() > gate.toMs) this.#held = undefined;
    else gate.toMs = Math.max(gate.toMs, askedMs + validMs / this.#rate);
  }

  /** Who holds it goes on; others take over from whom they see, and some by an operator's word. */
  #follows(): StoreName | undefined {
    if (this.#world.chance.fraction() < 0.2) return undefined;
    if (this.#held !== undefined) return this.#store;
    return this.#right.look()?.leases[0]?.holder;
  }

  async #take(): Promise<void> {
    const { clock, gates } = this.#world;
    const tried = await this.#right.newestTried(dataset);
    const known = this.#held?.generation ?? noGeneration;
    const generation = nextGeneration(newestGeneration([tried, known]));
    const right = { dataset, store: this.#store, generation };
    const follows = this.#follows();
    const former = this.#right.look()?.leases[0];
    const taken = await this.#right.take({ ...right, follows });
    if (this.#held !== undefined && clock.bootMs() > this.#held.gate.toMs) this.#held = undefined;
    if (!taken.isTaken) return await this.#giveUp(follows === former?.holder ? former : undefined);
    const fromMs = clock.bootMs();
    const validMs = await this.#right.validForMs(right);
    if (validMs === undefined) return;
    this.#world.takes += 1;
    const gate = { store: this.#store, generation, fromMs, toMs: fromMs + validMs / this.#rate };
    gates.push(gate);
    this.#held = { generation, gate };
    this.#used = generation;
  }

  /** What it tried goes back to whom it followed, unless it had that one's time already. */
  async #giveUp(former: Former | undefined): Promise<void> {
    if (former === undefined || former.generation < this.#used) return;
    const { holder: store, generation } = former;
    const own = { dataset, store: this.#store };
    const isUnused = (): boolean => this.#held === undefined && this.#used < generation;
    if (store !== this.#store) await this.#right.giveBack(own, { store, generation }, isUnused);
  }
}

/** A clock that runs at another rate. */
function skewed(clock: Clock, rate: number): Clock {
  return {
    nowMs: () => clock.nowMs(),
    bootMs: () => clock.bootMs() * rate,
    sleep: (ms, signal) => clock.sleep(ms / rate, signal),
    timer: (ms, act) => clock.timer(ms / rate, act),
  };
}
