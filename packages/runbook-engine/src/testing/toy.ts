import { asDataset, asServer, asStore, type JournalLine, type RunPlan } from '@understudy/core';
import { type AgentClient, AgentUnreachableError } from '@understudy/ports';
import { FakeControlStore, FakeStore, SeededChance, SimulatedClock } from '@understudy/ports/fake';
import { createRunner } from '../create-runner.ts';
import type { RunPorts } from '../run-ports.ts';
import type { AnyRunbook } from '../runbook.ts';
import type { Runner } from '../runner-contract.ts';
import type { Step } from '../step.ts';

// Two servers with control databases, and a runbook whose steps only tick boxes.

export const east = asServer('east-1');
export const west = asServer('west-1');

export class ToyWorld {
  readonly clock = new SimulatedClock();
  readonly controls = new Map([east, west].map((server) => [server, this.#control(server)]));
  /** Boxes that are ticked: what the world looks like to `isDone`. */
  readonly ticked = new Set<string>();
  /** Everything that was done, in order, e.g. `run a`, `undo a`. */
  readonly acts: string[] = [];
  /** One entry for each write to the journal at the leader, with its number of lines. */
  readonly writes: number[] = [];
  readonly stop = new AbortController();
  /** No journal gets from one server to the other. */
  isJournalLost = false;
  /** Milliseconds that west takes over such a question. */
  slow = { takeRun: 0, readRuns: 0 };

  runner(server: typeof east, steps: readonly Step<RunPlan>[]): Runner {
    const ports: RunPorts = {
      self: server,
      servers: [east, west],
      agentOf: (name) => this.#client(name, name === server),
      clock: this.clock,
      chance: new SeededChance(1, this.clock),
      log: { say: () => {} },
      peerTimeoutMs: 2_000,
      signal: this.stop.signal,
    };
    const toy: AnyRunbook = {
      name: 'dataset-move',
      version: 1,
      plan: () => ({ findings: [] }),
      steps: () => steps,
    };
    return createRunner(ports, [toy]);
  }

  /** A step that ticks its box and can be undone, but for the difference. */
  step(name: string, difference: Partial<Step<RunPlan>> = {}): Step<RunPlan> {
    return {
      name,
      title: () => `Tick ${name}`,
      timeoutMs: () => 10_000,
      attemptsMax: 2,
      isDone: async () => (this.ticked.has(name) ? 'ticked already' : undefined),
      run: async () => {
        this.acts.push(`run ${name}`);
        this.ticked.add(name);
        return `${name} is ticked`;
      },
      undo: async () => {
        this.acts.push(`undo ${name}`);
        this.ticked.delete(name);
        return `${name} is not ticked any more`;
      },
      ...difference,
    };
  }

  async journal(server = east): Promise<readonly JournalLine[]> {
    const control = this.controls.get(server);
    const rows = (await control?.readRuns()) ?? [];
    const journals = await Promise.all(
      rows.map(async ({ id }) => (await control?.readJournal(id)) ?? []),
    );
    return journals.flat();
  }

  #client(server: typeof east, isOwn: boolean): AgentClient {
    const control = this.controls.get(server);
    if (control === undefined) throw new Error(`no control database on ${server}`);
    const none = () => Promise.reject(new Error('the toy has no agent'));
    return {
      server,
      report: none,
      obey: none,
      handOn: none,
      vote: none,
      decide: (next, expected) => control.decide(next, expected),
      learn: (decisions) => control.learn(decisions),
      takeRun: async (row, expected) => {
        await this.#dawdle(server, 'takeRun');
        return control.takeRun(row, expected);
      },
      saveRun: (row) => control.saveRun(row),
      readRuns: async () => {
        await this.#dawdle(server, 'readRuns');
        return control.readRuns();
      },
      readQueued: none,
      clearQueued: none,
      readJournal: async (run) => {
        if (this.isJournalLost && !isOwn) throw new AgentUnreachableError('it is lost');
        return control.readJournal(run);
      },
      appendJournal: async (lines) => {
        if (this.isJournalLost && !isOwn) throw new AgentUnreachableError('it is lost');
        if (isOwn) this.writes.push(lines.length);
        return control.appendJournal(lines);
      },
    };
  }

  async #dawdle(server: typeof east, what: keyof ToyWorld['slow']): Promise<void> {
    if (server === west && this.slow[what] > 0) await this.clock.sleep(this.slow[what]);
  }

  #control(server: typeof east): FakeControlStore {
    const world = {
      clock: this.clock,
      faults: new Set<never>(),
      storeNamed: () => undefined,
      canReach: () => true,
      latencyMs: () => 0,
      applyMs: () => 1,
    };
    return new FakeControlStore(new FakeStore(asStore(`${server}-store`), world), server);
  }
}

/** A plan that `leader` leads, but for the difference. */
export function aPlan(difference: Partial<RunPlan> = {}): RunPlan {
  return {
    runbook: 'dataset-move',
    subject: `dataset:${asDataset('users-east')}`,
    leader: east,
    topologyHash: 'topology-1',
    steps: [],
    seen: [],
    ...difference,
  };
}
