import type { JournalEvent, JournalLine, RunRow } from '@understudy/core';
import { heldLinesMax, ownWriteTriesMax, retryPauseMs } from '../engine-bounds.ts';
import { type Reach, wordsOf } from '../reach.ts';
import { RunStoppedError, TakenOverError } from '../run-error.ts';
import type { RunPorts } from '../run-ports.ts';

// Row and journal of one performance.
//
// I1. What is written stands in the leader's own control database when `write` returns; partners
//     get it in the background, in order, best effort, and all of it once more at the end.
// I2. Whoever knows of a higher attempt says so to every write; then this performance is over
//     (E14).

export type JournalEntry = {
  readonly step: string;
  readonly event: JournalEvent;
  readonly why: string;
  readonly tookMs?: number;
};

export class RunMemory {
  readonly #ports: RunPorts;
  readonly #reach: Reach;
  readonly #hear: (line: JournalLine) => void;
  readonly #couriers = new Map<string, Promise<void>>();
  readonly #written: JournalLine[] = [];
  #held: JournalLine[] = [];
  #number: number;
  #isTakenOver = false;
  row: RunRow;

  constructor(
    ports: RunPorts,
    start: {
      readonly row: RunRow;
      readonly reach: Reach;
      readonly journal: readonly JournalLine[];
      readonly hear: (line: JournalLine) => void;
    },
  ) {
    this.#ports = ports;
    this.#reach = start.reach;
    this.#hear = start.hear;
    this.row = start.row;
    this.#written.push(...start.journal);
    this.#number = start.journal.reduce((most, { number }) => Math.max(most, number), 0);
  }

  /** Remembers a line; it is written with the next `write`. */
  add(entry: JournalEntry): void {
    const { id: run, attempt } = this.row;
    this.#number += 1;
    const line = { run, attempt, number: this.#number, ...entry, atMs: this.#ports.clock.nowMs() };
    if (this.#held.length < heldLinesMax || entry.event !== 'note') this.#held.push(line);
    this.#hear(line);
    this.#ports.log.say(entry.event === 'failed' ? 'warn' : 'info', `${entry.step}: ${entry.why}`, {
      run,
      attempt,
    });
  }

  /** Writes what is held, in one go. */
  async write(): Promise<void> {
    const lines = this.#held;
    if (lines.length === 0) return;
    const own = this.#ports.agentOf(this.#ports.self);
    const isWritten = await this.#untilWritten(() => own.appendJournal(lines));
    if (!isWritten) this.#isTakenOver = true;
    this.throwIfTakenOver();
    this.#held = [];
    this.#written.push(...lines);
    this.#tell((agent) => agent.appendJournal(lines));
  }

  /** Changes the row, here first. */
  async save(change: Partial<RunRow>): Promise<void> {
    const row = { ...this.row, ...change };
    const own = this.#ports.agentOf(this.#ports.self);
    const saved = await this.#untilWritten(() => own.saveRun(row));
    if (!saved.isDone) this.#isTakenOver = true;
    this.throwIfTakenOver();
    this.row = row;
    this.#tell(async (agent) => (await agent.saveRun(row)).isDone);
  }

  throwIfTakenOver(): void {
    if (!this.#isTakenOver) return;
    throw new TakenOverError(`run ${this.row.id} was taken over with a higher attempt`);
  }

  /** Waits for the couriers, then brings partners the whole story; bounded by their timeouts. */
  async finish(): Promise<void> {
    await Promise.all(this.#couriers.values());
    const { row } = this;
    this.#tell(async (agent) => {
      const isTold = await agent.appendJournal(this.#written);
      return isTold && (await agent.saveRun(row)).isDone;
    });
    await Promise.all(this.#couriers.values());
  }

  #tell(work: (agent: ReturnType<RunPorts['agentOf']>) => Promise<boolean>): void {
    for (const server of this.#reach.partners()) {
      const before = this.#couriers.get(server) ?? Promise.resolve();
      this.#couriers.set(
        server,
        before.then(async () => {
          const isTold = await this.#reach.ask(server, work).catch(() => undefined);
          if (isTold === false && (await this.#hasNewer(server))) this.#isTakenOver = true;
        }),
      );
    }
  }

  /** A partner says no also when it never had the row; only a higher attempt counts. */
  async #hasNewer(server: Parameters<RunPorts['agentOf']>[0]): Promise<boolean> {
    const rows = await this.#reach.ask(server, (agent) => agent.readRuns()).catch(() => undefined);
    return (rows ?? []).some(({ id, attempt }) => id === this.row.id && attempt > this.row.attempt);
  }

  async #untilWritten<Answer>(write: () => Promise<Answer>): Promise<Answer> {
    const { clock, self, signal } = this.#ports;
    for (let tries = 1; ; tries++) {
      try {
        return await write();
      } catch (error) {
        if (tries >= ownWriteTriesMax || signal.aborted) {
          throw new RunStoppedError(
            `the control database of ${self} does not answer (${wordsOf(error)}); ` +
              `the run can be resumed: understudy run resume ${this.row.id}`,
          );
        }
        await clock.sleep(retryPauseMs);
      }
    }
  }
}
