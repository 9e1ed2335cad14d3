import {
  type Decision,
  type Generation,
  isNewerDecision,
  isSuccessor,
  type JournalLine,
  type RunId,
  type RunRow,
  type ServerName,
  type StoreIdentity,
  type StoreName,
  subjectOf,
} from '@understudy/core';
import type { ControlStore, Decided, Taken } from '../control-store.ts';
import type { FakeControlData } from './fake-control-data.ts';
import type { FakeStore } from './fake-store.ts';

/** The control database of a fake store: each act is one instant, durable when it returns. */
export class FakeControlStore implements ControlStore {
  readonly store: StoreName;
  readonly server: ServerName;
  readonly #on: FakeStore;

  constructor(on: FakeStore, server: ServerName) {
    this.#on = on;
    this.store = on.name;
    this.server = server;
  }

  async readDecisions(): Promise<readonly Decision[]> {
    return inOrder((await this.#data()).decisions);
  }

  async decide(next: Decision, expected: Generation | undefined): Promise<Decided> {
    const { decisions } = await this.#data();
    const current = decisions.get(subjectOf(next));
    if (current !== undefined && isSame(current, next)) return { isDone: true };
    if (current?.generation !== expected || !isSuccessor(current, next)) {
      return current === undefined ? { isDone: false } : { isDone: false, current };
    }
    decisions.set(subjectOf(next), next);
    return { isDone: true };
  }

  async learn(heard: readonly Decision[]): Promise<void> {
    const { decisions } = await this.#data();
    for (const decision of heard) {
      const subject = subjectOf(decision);
      if (isNewerDecision(decision, decisions.get(subject))) decisions.set(subject, decision);
    }
  }

  async readRuns(): Promise<readonly RunRow[]> {
    return inOrder((await this.#data()).runs);
  }

  async takeRun(row: RunRow, expected: number | undefined): Promise<Taken> {
    const { runs } = await this.#data();
    const current = runs.get(row.id);
    if (current !== undefined && isSame(current, row)) return { isDone: true };
    if (current?.attempt !== expected)
      return current ? { isDone: false, current } : { isDone: false };
    runs.set(row.id, row);
    return { isDone: true };
  }

  async saveRun(row: RunRow): Promise<Taken> {
    const { runs } = await this.#data();
    const current = runs.get(row.id);
    if (current === undefined) return { isDone: false };
    if (current.attempt !== row.attempt) return { isDone: false, current };
    runs.set(row.id, row);
    return { isDone: true };
  }

  async appendJournal(lines: readonly JournalLine[]): Promise<boolean> {
    const { journal, runs } = await this.#data();
    const isOvertaken = (line: JournalLine) => (runs.get(line.run)?.attempt ?? 0) > line.attempt;
    if (lines.some(isOvertaken)) return false;
    for (const line of lines) {
      const story = journal.get(line.run) ?? [];
      const isKnown = story.some(
        (each) => each.attempt === line.attempt && each.number === line.number,
      );
      if (!isKnown) journal.set(line.run, [...story, line]);
    }
    return true;
  }

  async readJournal(run: RunId): Promise<readonly JournalLine[]> {
    const story = (await this.#data()).journal.get(run) ?? [];
    return story.toSorted((left, right) =>
      left.attempt === right.attempt ? left.number - right.number : left.attempt - right.attempt,
    );
  }

  async readIdentities(): Promise<readonly StoreIdentity[]> {
    return inOrder((await this.#data()).identities);
  }

  async recordIdentity(identity: StoreIdentity): Promise<void> {
    (await this.#data()).identities.set(identity.store, identity);
  }

  async highestAttempt(run: RunId): Promise<number> {
    return (await this.#data()).attempts.get(run) ?? 0;
  }

  async recordAttempt(run: RunId, attempt: number): Promise<boolean> {
    const { attempts } = await this.#data();
    if ((attempts.get(run) ?? 0) > attempt) return false;
    attempts.set(run, attempt);
    return true;
  }

  async #data(): Promise<FakeControlData> {
    await this.#on.reach();
    return this.#on.control;
  }
}

/** As a table with its key gives them. */
function inOrder<Value>(rows: ReadonlyMap<string, Value>): readonly Value[] {
  const keys = [...rows.keys()].sort();
  return keys.flatMap((key) => rows.get(key) ?? []);
}

/** Records are plain data made by one code, so their JSON has one order of keys. */
function isSame(left: unknown, right: unknown): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}
