import { type JournalLine, type RunId, runKey, type RunRow } from '@understudy/core';
import type { Reach } from '../reach.ts';
import type { RunPorts } from '../run-ports.ts';
import type { RunStory } from '../runner-contract.ts';
import type { RollBack } from './roll-back.ts';
import { findRuns } from './take-run.ts';

/** Row and journal of a run, merged from every control database that answers. */
export async function readStory(
  ports: RunPorts,
  reach: Reach,
  run: RunId,
): Promise<RunStory | undefined> {
  const row = (await findRuns(ports, reach)).find(({ id }) => id === run);
  if (row === undefined) return undefined;
  const own = ports.agentOf(ports.self).readJournal(run);
  const others = reach
    .partners()
    .map((server) => reach.ask(server, (agent) => agent.readJournal(run)).catch(() => undefined));
  const views = await Promise.all([own, ...others]);
  return { row, journal: mergeJournals(views.map((view) => view ?? [])) };
}

/** The lines of all views in order; of one attempt's same number one. */
export function mergeJournals(views: readonly (readonly JournalLine[])[]): readonly JournalLine[] {
  const lines = new Map(views.flat().map((line) => [`${line.attempt}.${line.number}`, line]));
  return [...lines.values()].sort(
    (left, right) => left.attempt - right.attempt || left.number - right.number,
  );
}

/** Set when an attempt had begun to undo, whether or not it came to the end: what for. */
export function findRollBack(journal: readonly JournalLine[]): RollBack | undefined {
  const first = journal.find(
    ({ step, event }) => step === runKey && (event === 'refused' || event === 'failed'),
  );
  if (first === undefined) return undefined;
  const to = first.event === 'refused' ? 'refused' : 'failed';
  return { why: `goes on undoing (${first.why})`, to };
}

/**
 * The row says that its attempt failed, and whoever holds the lines of that attempt does not
 * answer: whether it was undone cannot be told.
 */
export function isStoryUnread({ attempt }: RunRow, journal: readonly JournalLine[]): boolean {
  return journal.every((line) => line.attempt !== attempt);
}
