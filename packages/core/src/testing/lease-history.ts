import { noGeneration, type Generation } from '../generation.ts';
import { asDatasetId, asStore, type StoreName } from '../ids.ts';
import { chooseRenewal } from '../quorum/choose-renewal.ts';
import { chooseTake, generationToTake } from '../quorum/choose-take.ts';
import { countVotes, majorityOf } from '../quorum/count-votes.ts';
import { clockRateError, renewLeaseEveryMs, validUntilMs } from '../quorum/lease-time.ts';
import {
  asVoter,
  isSameRecord,
  released,
  type VoteRecord,
  type VoterName,
  type VoteWrite,
} from '../quorum/vote-record.ts';
import { noteRecord, type RecordWatch } from '../quorum/watch-records.ts';

// Histories of stores that hold, lose and take one lease, at voters behind a network that delays,
// loses and cuts, with clocks that run fast and slow. All from a seed, in true milliseconds.

/** A rule that a history is played without. */
export type LeaseFault =
  | 'V1: time counts from the answer'
  | 'V2: a take does not compare'
  | 'V2: a watch counts from the question'
  | 'V3: clocks run as they like'
  | 'T1: nothing has to stand still'
  | 'T3: a voter that has forgotten is asked'
  | 'R1: reminders count';

/** A stretch of true time in which the gate of `store` was open. */
export type OpenGate = {
  readonly store: StoreName;
  readonly generation: Generation;
  readonly fromMs: number;
  toMs: number;
};

export type LeaseHistory = { readonly gates: readonly OpenGate[]; readonly takes: number };

const leaseMs = 2_000;
const dataset = asDatasetId('019a0000-0000-7000-8000-0000000000aa');

/** Plays one history of `lengthMs`. */
export function playLeases(options: {
  readonly seed: number;
  readonly lengthMs: number;
  readonly fault?: LeaseFault | undefined;
}): LeaseHistory {
  const chance = chanceOf(options.seed);
  const error = options.fault === 'V3: clocks run as they like' ? 0.6 : clockRateError;
  const world = new World(chance, options.fault);
  const stores = ['east', 'west', 'third'].slice(0, 2 + Math.floor(chance() * 2));
  for (const name of stores) {
    const rate = 1 + (chance() * 2 - 1) * error;
    const contender = new Contender(world, asStore(name), { rate, offsetMs: chance() * 1e6 });
    world.at(chance() * leaseMs, () => contender.round());
  }
  // Not while the first record is being made: decisions/0029 names that as an exception.
  const bornMs = 5 * leaseMs;
  world.at(bornMs + chance() * (options.lengthMs - bornMs), () => world.forgetOne());
  world.play(options.lengthMs);
  return { gates: world.gates, takes: world.takes };
}

/** Two gates of different stores that were open at one instant. */
export function findTwoOpen(gates: readonly OpenGate[]): readonly [OpenGate, OpenGate] | undefined {
  for (const left of gates) {
    const right = gates.find(
      (each) => each.store !== left.store && each.fromMs < left.toMs && left.fromMs < each.toMs,
    );
    if (right !== undefined) return [left, right];
  }
  return undefined;
}

class World {
  nowMs = 0;
  takes = 0;
  readonly gates: OpenGate[] = [];
  readonly voters = ['a', 'b', 'c'].map(asVoter);
  readonly chance: () => number;
  readonly fault: LeaseFault | undefined;
  readonly #records = new Map<VoterName, VoteRecord>();
  readonly #events: { readonly atMs: number; readonly act: () => void }[] = [];
  readonly #cut = new Map<string, number>();

  constructor(chance: () => number, fault: LeaseFault | undefined) {
    this.chance = chance;
    this.fault = fault;
  }

  at(atMs: number, act: () => void): void {
    this.#events.push({ atMs: Math.max(atMs, this.nowMs), act });
  }

  play(lengthMs: number): void {
    for (;;) {
      this.#events.sort((left, right) => right.atMs - left.atMs);
      const next = this.#events.pop();
      if (next === undefined || next.atMs > lengthMs) return;
      this.nowMs = next.atMs;
      next.act();
    }
  }

  forgetOne(): void {
    const voter = this.voters[Math.floor(this.chance() * this.voters.length)];
    if (voter !== undefined) this.#records.delete(voter);
  }

  /** A question to one voter: both ways may take long, be lost, or be cut for a while. */
  ask(from: StoreName, voter: VoterName, question: VoteWrite | undefined, heard: Heard): void {
    if (this.#isCut(from, voter)) return;
    this.at(this.nowMs + this.#delayMs(), () => {
      const isSet = question !== undefined && this.#set(question);
      const record = this.#standing(voter);
      if (this.#isCut(from, voter)) return;
      this.at(this.nowMs + this.#delayMs(), () => heard(isSet, record));
    });
  }

  #set({ voter, expected, next }: VoteWrite): boolean {
    const isBlind = this.fault === 'V2: a take does not compare';
    const isTake = expected?.generation !== next.generation;
    if (!(isBlind && isTake) && !isSameRecord(this.#standing(voter), expected)) return false;
    this.#records.set(voter, next);
    return true;
  }

  #standing(voter: VoterName): VoteRecord | undefined {
    const isForgetful = this.fault === 'T3: a voter that has forgotten is asked';
    return this.#records.get(voter) ?? (isForgetful ? blankRecord : undefined);
  }

  #delayMs(): number {
    return this.chance() < 0.1 ? this.chance() * 2 * leaseMs : this.chance() * 60;
  }

  #isCut(from: StoreName, voter: VoterName): boolean {
    const link = `${from} ${voter}`;
    if ((this.#cut.get(link) ?? 0) > this.nowMs) return true;
    if (this.chance() < 0.04) this.#cut.set(link, this.nowMs + this.chance() * 4 * leaseMs);
    return this.chance() < 0.02;
  }
}

type Heard = (isSet: boolean, record: VoteRecord | undefined) => void;

type Round = {
  readonly writes: readonly VoteWrite[];
  readonly generation: Generation;
  readonly isTake: boolean;
  readonly reminders?: readonly VoteWrite[];
};

class Contender {
  readonly #world: World;
  readonly #store: StoreName;
  readonly #clock: { readonly rate: number; readonly offsetMs: number };
  #watch: RecordWatch = new Map();
  #generation: Generation | undefined;
  #gate: OpenGate | undefined;
  #round = 0;

  constructor(world: World, store: StoreName, clock: { rate: number; offsetMs: number }) {
    this.#world = world;
    this.#store = store;
    this.#clock = clock;
  }

  round(): void {
    const { chance } = this.#world;
    this.#round += 1;
    this.#mishap();
    if (this.#generation === undefined) this.#contend();
    else this.#renew(this.#generation);
    const stallMs = chance() < 0.05 ? chance() * 3 * leaseMs : 0;
    const pauseMs = (renewLeaseEveryMs(leaseMs) * (0.5 + chance()) + stallMs) / this.#clock.rate;
    this.#world.at(this.#world.nowMs + pauseMs, () => this.round());
  }

  /** Its agent dies and remembers nothing, or it gives its lease up. */
  #mishap(): void {
    const { chance, nowMs, voters } = this.#world;
    if (chance() < 0.03) {
      this.#watch = new Map();
      this.#generation = undefined;
    }
    if (this.#generation === undefined || chance() >= 0.05) return;
    if (this.#gate !== undefined) this.#gate.toMs = Math.min(this.#gate.toMs, nowMs);
    const holder = this.#store;
    for (const voter of voters) {
      const record = this.#watch.get(voter)?.record;
      if (record?.holder !== holder || record.generation !== this.#generation) continue;
      this.#ask({ voter, expected: record, next: released(record) });
    }
    this.#generation = undefined;
  }

  #contend(): void {
    const { voters, chance, fault } = this.#world;
    for (const voter of voters) this.#look(voter);
    if (chance() < 0.4) return;
    const choice = chooseTake({
      dataset,
      voters,
      watch: this.#watch,
      candidate: this.#store,
      generation: generationToTake(this.#watch, [noGeneration]),
      follows: undefined,
      leaseMs,
      nowMs: fault === 'T1: nothing has to stand still' ? this.#nowMs() * 1e6 : this.#nowMs(),
    });
    if (choice.kind !== 'take') return;
    this.#world.takes += 1;
    const generation = choice.writes[0]?.next.generation;
    if (generation !== undefined) this.#send({ writes: choice.writes, generation, isTake: true });
  }

  #renew(generation: Generation): void {
    const { voters, fault } = this.#world;
    const lease = { dataset, holder: this.#store, generation, leaseMs };
    const { renewals, reminders } = chooseRenewal(lease, { voters, watch: this.#watch });
    const isLoose = fault === 'R1: reminders count';
    const writes = isLoose ? [...renewals, ...reminders] : renewals;
    this.#send({ writes, generation, isTake: false, reminders });
    for (const voter of voters) if (!this.#watch.has(voter)) this.#look(voter);
  }

  /** Counts the answers of one round; what is won is valid from the reading before it was sent. */
  #send({ writes, generation, isTake, reminders = [] }: Round): void {
    const [round, readingMs] = [this.#round, this.#nowMs()];
    const voters = this.#world.voters.length;
    let given = 0;
    for (const write of writes) {
      this.#ask(write, (isSet) => {
        // A try is given up with its round; a renewal counts while the lease is this one.
        const isOver = isTake ? round !== this.#round : this.#generation !== generation;
        if (!isSet || isOver) return;
        given += 1;
        if (countVotes({ voters, given, refused: 0 }) !== 'won') return;
        this.#generation = generation;
        this.#open(generation, readingMs);
        if (given === majorityOf(voters)) for (const reminder of reminders) this.#ask(reminder);
      });
    }
  }

  #open(generation: Generation, readingMs: number): void {
    const { nowMs, fault, gates } = this.#world;
    const isLate = fault === 'V1: time counts from the answer';
    const untilMs = validUntilMs(isLate ? this.#nowMs() : readingMs, leaseMs);
    const toMs = nowMs + (untilMs - this.#nowMs()) / this.#clock.rate;
    if (toMs <= nowMs) return;
    const gate = this.#gate;
    if (gate?.generation === generation && gate.toMs > nowMs) {
      gate.toMs = Math.max(gate.toMs, toMs);
      return;
    }
    this.#gate = { store: this.#store, generation, fromMs: nowMs, toMs };
    gates.push(this.#gate);
  }

  #ask(write: VoteWrite, counted: (isSet: boolean) => void = () => {}): void {
    this.#world.ask(this.#store, write.voter, write, (isSet, record) => {
      this.#note(write.voter, record, this.#nowMs());
      counted(isSet);
    });
  }

  #look(voter: VoterName): void {
    const askedMs = this.#nowMs();
    const isEarly = this.#world.fault === 'V2: a watch counts from the question';
    this.#world.ask(this.#store, voter, undefined, (_, record) => {
      this.#note(voter, record, isEarly ? askedMs : this.#nowMs());
    });
  }

  #note(voter: VoterName, record: VoteRecord | undefined, heardMs: number): void {
    this.#watch = noteRecord(this.#watch, { voter, record, heardMs });
  }

  #nowMs(): number {
    return this.#world.nowMs * this.#clock.rate + this.#clock.offsetMs;
  }
}

/** What a voter without a memory shows where it is asked like any other. */
const blankRecord: VoteRecord = {
  dataset,
  generation: noGeneration,
  holder: asStore('nobody'),
  leaseMs,
  renewals: 0,
  isReleased: true,
  tried: noGeneration,
};

/** Numbers from 0 to 1 from a seed (mulberry32). */
function chanceOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
