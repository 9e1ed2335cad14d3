import type { ServerName } from '@understudy/core';
import { type AgentClient, type Clock, OrderFailedError } from '@understudy/ports';
import { SeededChance } from '@understudy/ports/fake';
import {
  type AnyRunbook,
  createRunner,
  type Runner,
  type RunPorts,
} from '@understudy/runbook-engine';
import type { World } from './world.ts';

/** What befalls one call of a leader to an agent. */
export type Fate =
  | 'go'
  /** The leader dies before the call leaves, or when it is carried out and unanswered. */
  | 'dieBefore'
  | 'dieAfter'
  /** The agent fails before it acts, or acts and the answer is lost. */
  | 'failBefore'
  | 'failAfter'
  /** The leader stalls before the call leaves, until `wake`. */
  | 'stall';

export type Call = { readonly index: number; readonly server: ServerName; readonly what: string };

/** One life of a leading agent: a runner whose every call can be given a fate. */
export class Leader {
  readonly runner: Runner;
  readonly calls: Call[] = [];
  readonly #world: World;
  readonly #fateOf: (call: Call) => Fate;
  #isDead = false;
  #stalled: Promise<void> | undefined;
  #wake = () => {};

  constructor(
    world: World,
    start: {
      readonly server: ServerName;
      readonly catalogue: readonly AnyRunbook[];
      readonly fateOf?: (call: Call) => Fate;
      readonly seed?: number;
    },
  ) {
    this.#world = world;
    this.#fateOf = start.fateOf ?? (() => 'go');
    const ports: RunPorts = {
      self: start.server,
      servers: world.topology.servers.map(({ name }) => name),
      agentOf: (server) => this.#client(server),
      clock: this.#clock(),
      chance: new SeededChance(start.seed ?? 1, world.clock),
      log: { say: () => {} },
      peerTimeoutMs: world.topology.limits.peerTimeoutMs,
      signal: new AbortController().signal,
    };
    this.runner = createRunner(ports, start.catalogue);
  }

  /** Lets a leader that stalled go on, as if nothing had been. */
  wake(): void {
    this.#stalled = undefined;
    this.#wake();
  }

  #clock(): Clock {
    const { clock } = this.#world;
    return {
      nowMs: () => clock.nowMs(),
      bootMs: () => clock.bootMs(),
      sleep: async (ms, signal) => {
        await clock.sleep(ms, signal);
        await this.#live();
      },
      timer: (ms, act) => clock.timer(ms, () => void this.#live().then(act)),
    };
  }

  #client(server: ServerName): AgentClient {
    const agent: AgentClient = this.#world.agentOf(server);
    const through = <Args extends readonly unknown[], Answer>(
      what: string,
      work: (...args: Args) => Promise<Answer>,
    ) => {
      return (...args: Args): Promise<Answer> => {
        const [first] = args;
        const name = what === 'obey' ? `obey ${(first as { kind: string }).kind}` : what;
        return this.#call({ server, what: name }, () => work(...args));
      };
    };
    return {
      server,
      report: through('report', () => agent.report()),
      obey: through('obey', (order) => agent.obey(order)),
      decide: through('decide', (next, expected, by) => agent.decide(next, expected, by)),
      learn: through('learn', (decisions) => agent.learn(decisions)),
      takeRun: through('takeRun', (row, expected) => agent.takeRun(row, expected)),
      saveRun: through('saveRun', (row) => agent.saveRun(row)),
      readRuns: through('readRuns', () => agent.readRuns()),
      appendJournal: through('appendJournal', (lines) => agent.appendJournal(lines)),
      readQueued: through('readQueued', (pool) => agent.readQueued(pool)),
      clearQueued: through('clearQueued', (pool, done) => agent.clearQueued(pool, done)),
      readJournal: through('readJournal', (run) => agent.readJournal(run)),
      handOn: through('handOn', (question) => agent.handOn(question)),
      vote: through('vote', (question) => agent.vote(question)),
    };
  }

  async #call<Answer>(named: Omit<Call, 'index'>, work: () => Promise<Answer>): Promise<Answer> {
    await this.#live();
    const call = { index: this.calls.length, ...named };
    this.calls.push(call);
    const fate = this.#fateOf(call);
    if (fate === 'dieBefore') this.#isDead = true;
    if (fate === 'stall') this.#stall();
    if (fate === 'failBefore') throw new OrderFailedError(`${call.server}: ${call.what} failed`);
    await this.#live();
    const answer = await work();
    if (fate === 'dieAfter') this.#isDead = true;
    await this.#live();
    if (fate === 'failAfter') throw new OrderFailedError(`${call.server}: the answer is lost`);
    return answer;
  }

  #stall(): void {
    this.#stalled = new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  /** The dead do nothing more; the stalled wait. */
  async #live(): Promise<void> {
    if (this.#isDead) await new Promise<never>(() => {});
    await this.#stalled;
  }
}
