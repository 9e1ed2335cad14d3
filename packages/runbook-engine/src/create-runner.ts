import {
  asRun,
  isNewerRun,
  isUnfinished,
  type JournalLine,
  type RunId,
  type RunRow,
  type ServerName,
  wasRolledBack,
} from '@understudy/core';
import { findsCommitted } from './perform/perform-step.ts';
import { type Entrance, openQuestion, performRun } from './perform/perform-run.ts';
import { type Performance, planOf } from './perform/performance.ts';
import { Reach } from './reach.ts';
import { RunMemory } from './perform/run-memory.ts';
import { RunRefusedError } from './run-error.ts';
import type { RunPorts } from './run-ports.ts';
import type { AnyRunbook } from './runbook.ts';
import type { BeginRun, Runner, RunStory, StartedRun } from './runner-contract.ts';
import { findRuns, nextAttempt, takeRun } from './perform/take-run.ts';
import { findRollBack, isStoryUnread, readStory } from './perform/run-story.ts';

/** A runner for the runbooks of `catalogue`. Nothing happens before its first method is called. */
export function createRunner(ports: RunPorts, catalogue: readonly AnyRunbook[]): Runner {
  return new CatalogueRunner(ports, catalogue);
}

type Take = {
  readonly row: RunRow;
  readonly expected: number | undefined;
  readonly reach: Reach;
  readonly journal: readonly JournalLine[];
};

class CatalogueRunner implements Runner {
  readonly #ports: RunPorts;
  readonly #catalogue: readonly AnyRunbook[];
  readonly #performances = new Map<RunId, Performance>();
  readonly #finishes = new WeakMap<Performance, Promise<RunRow>>();
  /** Subjects that are being begun in this moment: between the look and the row. */
  readonly #beginning = new Set<string>();
  readonly #listeners = new Set<(line: JournalLine) => void>();

  constructor(ports: RunPorts, catalogue: readonly AnyRunbook[]) {
    this.#ports = ports;
    this.#catalogue = catalogue;
  }

  async begin({ plan, planHash, by, silent = [] }: BeginRun): Promise<StartedRun> {
    const { self, clock, chance } = this.#ports;
    const runbook = this.#runbook(plan.runbook);
    if (plan.leader !== self) {
      throw new RunRefusedError('notTheLeader', `${plan.leader} leads it, not ${self}`);
    }
    const row: RunRow = {
      id: asRun(chance.uuid()),
      runbook: plan.runbook,
      version: runbook.version,
      subject: plan.subject,
      plan,
      planHash,
      attempt: 1,
      leader: self,
      state: 'running',
      startedAtMs: clock.nowMs(),
      startedBy: by,
      approvals: {},
      why: `begun by ${by}`,
    };
    return this.#alone(plan.subject, async () => {
      const reach = new Reach(this.#ports, silent);
      await this.#refuseSecond(row, reach);
      return this.#start({ row, expected: undefined, reach, journal: [] }, { why: row.why });
    });
  }

  async resume(run: RunId, by: string): Promise<StartedRun> {
    return this.#takeOver(run, by, {});
  }

  async resumeLed(): Promise<readonly StartedRun[]> {
    const { self } = this.#ports;
    const rows = await this.#ports.agentOf(self).readRuns();
    const led = rows.filter(({ state, leader }) => state === 'running' && leader === self);
    const started: StartedRun[] = [];
    for (const { id } of led.filter((row) => !this.#performances.has(row.id))) {
      const one = await this.resume(id, 'system').catch((error: unknown) => {
        if (error instanceof RunRefusedError) return undefined; // Finished or taken over by now.
        throw error;
      });
      if (one !== undefined) started.push(one);
    }
    return started;
  }

  async approve(run: RunId, by: string): Promise<StartedRun> {
    const { row } = await this.#find(run);
    if (row.state !== 'waitingForApproval') {
      throw new RunRefusedError(
        'notWaiting',
        `run ${run} waits for no approval, it is ${row.state}`,
      );
    }
    const asking = this.#steps(row).find((step) => openQuestion(row, step));
    const approvals = asking === undefined ? {} : { [asking.name]: by };
    return this.#takeOver(run, by, { approvals });
  }

  async cancel(run: RunId, by: string): Promise<StartedRun> {
    const performance = this.#performances.get(run);
    if (performance === undefined) {
      const goBack = { why: `cancelled by ${by}`, to: 'cancelled' } as const;
      return this.#takeOver(run, by, { goBack });
    }
    if (performance.isCommitted) throw pastNoReturn(run);
    performance.cancelledBy ??= by;
    performance.cancel.abort(new Error(`cancelled by ${by}`));
    const { row } = performance.memory;
    return { id: run, row, finished: this.#ended(performance) };
  }

  performing(): readonly RunId[] {
    return [...this.#performances.keys()];
  }

  listRuns(silent: readonly ServerName[] = []): Promise<readonly RunRow[]> {
    return findRuns(this.#ports, new Reach(this.#ports, silent));
  }

  readRun(run: RunId, silent: readonly ServerName[] = []): Promise<RunStory | undefined> {
    return readStory(this.#ports, new Reach(this.#ports, silent), run);
  }

  onLine(listener: (line: JournalLine) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** E14: a run that is taken over has a higher attempt. */
  async #takeOver(
    run: RunId,
    by: string,
    change: Pick<Entrance, 'goBack'> & { readonly approvals?: Readonly<Record<string, string>> },
  ): Promise<StartedRun> {
    const { self, servers } = this.#ports;
    if (this.#performances.has(run)) {
      throw new RunRefusedError('takenOver', `run ${run} is being performed here already`);
    }
    const { row, journal, reach } = await this.#find(run);
    refuseFinished(row, journal);
    const runbook = this.#runbook(row.runbook);
    if (runbook.version !== row.version) {
      const why = `run ${run} began with version ${row.version}, here is ${runbook.version}`;
      throw new RunRefusedError('otherVersion', why);
    }
    const attempt = nextAttempt(row.attempt, self, servers);
    const taken: RunRow = {
      ...row,
      attempt,
      leader: self,
      state: 'running',
      approvals: { ...row.approvals, ...change.approvals },
      why: `attempt ${attempt}, taken by ${by}`,
    };
    const goBack = change.goBack ?? findRollBack(journal);
    if (change.goBack !== undefined) await this.#refuseTooLate({ row: taken, reach, journal });
    return this.#alone(row.subject, async () => {
      await this.#refuseChanged(row);
      return this.#start(
        { row: taken, expected: row.attempt, reach, journal },
        { why: taken.why, ...(goBack === undefined ? {} : { goBack }) },
      );
    });
  }

  /**
   * Between the look at a row and its take-over another performance may have begun here, or ended:
   * two of one run in one process would each undo what the other does.
   */
  async #refuseChanged(found: RunRow): Promise<void> {
    const rows = await this.#ports.agentOf(this.#ports.self).readRuns();
    const now = rows.find(({ id }) => id === found.id);
    if (this.#performances.has(found.id) || (now !== undefined && isNewerRun(now, found))) {
      const why = `run ${found.id} has gone on meanwhile: ${now?.why ?? 'it is performed here'}`;
      throw new RunRefusedError('takenOver', why);
    }
  }

  #performance(take: Omit<Take, 'expected'>): Performance {
    return {
      ports: this.#ports,
      reach: take.reach,
      memory: new RunMemory(this.#ports, {
        ...take,
        hear: (line) => {
          for (const listener of this.#listeners) listener(line);
        },
      }),
      steps: this.#steps(take.row),
      cancel: new AbortController(),
      isTakenUp: take.journal.length > 0,
      isCommitted: false,
      isWindowOpen: false,
    };
  }

  async #refuseTooLate(take: Omit<Take, 'expected'>): Promise<void> {
    if (await findsCommitted(this.#performance(take))) throw pastNoReturn(take.row.id);
  }

  async #start(take: Take, entrance: Entrance): Promise<StartedRun> {
    const { row, reach } = take;
    await takeRun(this.#ports, reach, take);
    const performance = this.#performance(take);
    this.#performances.set(row.id, performance);
    const finished = this.#perform(performance, entrance);
    this.#finishes.set(performance, finished);
    return { id: row.id, row, finished };
  }

  async #perform(performance: Performance, entrance: Entrance): Promise<RunRow> {
    const { memory } = performance;
    try {
      await performRun(performance, await this.#judge(performance, entrance));
    } finally {
      this.#performances.delete(memory.row.id);
    }
    return memory.row;
  }

  /** A run that was taken over may be past its point of no return: then it only goes forward. */
  async #judge(performance: Performance, entrance: Entrance): Promise<Entrance> {
    if (performance.memory.row.attempt === 1) return entrance;
    performance.isCommitted = await findsCommitted(performance).catch(() => true);
    return performance.isCommitted ? { why: entrance.why } : entrance;
  }

  #ended(performance: Performance): Promise<RunRow> {
    return this.#finishes.get(performance) ?? Promise.resolve(performance.memory.row);
  }

  #steps(row: RunRow): readonly Performance['steps'][number][] {
    return this.#runbook(row.runbook).steps(planOf(row));
  }

  #runbook(name: string): AnyRunbook {
    const runbook = this.#catalogue.find((each) => each.name === name);
    if (runbook !== undefined) return runbook;
    throw new RunRefusedError('unknownRunbook', `this version knows no runbook ${name}`);
  }

  async #find(run: RunId) {
    const reach = new Reach(this.#ports);
    const story = await readStory(this.#ports, reach, run);
    if (story !== undefined) return { ...story, reach };
    throw new RunRefusedError('unknownRun', `no run ${run} is known; see: understudy run list`);
  }

  /** One unfinished run per subject. */
  async #refuseSecond({ subject }: RunRow, reach: Reach): Promise<void> {
    const runs = await findRuns(this.#ports, reach);
    const other = runs.find((row) => row.subject === subject && isUnfinished(row));
    if (other === undefined) return;
    throw new RunRefusedError(
      'otherRunUnfinished',
      `run ${other.id} of ${subject} is not finished: understudy run resume ${other.id}`,
    );
  }

  async #alone<Result>(subject: string, work: () => Promise<Result>): Promise<Result> {
    if (this.#beginning.has(subject)) {
      throw new RunRefusedError('otherRunUnfinished', `a run of ${subject} is just beginning`);
    }
    this.#beginning.add(subject);
    try {
      return await work();
    } finally {
      this.#beginning.delete(subject);
    }
  }
}

function refuseFinished(row: RunRow, journal: readonly JournalLine[]): void {
  const { id, state, leader, attempt } = row;
  if (state === 'succeeded' || state === 'cancelled') {
    throw new RunRefusedError('alreadyFinished', `run ${id} has ${state}`);
  }
  if (state === 'refused') throw rolledBack(row);
  if (state !== 'failed') return;
  if (isStoryUnread(row, journal)) {
    const why = `run ${id} failed, and nobody who answers has the journal of attempt ${attempt}`;
    throw new RunRefusedError('storyUnread', `${why}: try again when ${leader} answers`);
  }
  if (wasRolledBack(row, journal)) {
    throw rolledBack(row);
  }
}

function rolledBack({ id }: RunRow): RunRefusedError {
  return new RunRefusedError('rolledBack', `run ${id} was rolled back; begin a new one`);
}

function pastNoReturn(run: RunId): RunRefusedError {
  return new RunRefusedError(
    'pointOfNoReturn',
    `run ${run} is past its point of no return; it can only go on`,
  );
}
