import { newestRuns, type RunRow, type ServerName } from '@understudy/core';
import type { AgentClient } from '@understudy/ports';
import { takeTriesMax } from '../engine-bounds.ts';
import type { Reach } from '../reach.ts';
import { RunRefusedError } from '../run-error.ts';
import type { RunPorts } from '../run-ports.ts';

/**
 * The attempt that `self` takes a run over with: the lowest above `highest` that is this server's
 * own. Attempts are dealt out to servers in turn, so two leaders that cannot see each other never
 * take the same one (E14).
 */
export function nextAttempt(highest: number, self: ServerName, servers: readonly ServerName[]) {
  const ordered = [...servers].sort();
  const place = ordered.indexOf(self);
  const above = highest + 1;
  return above + ((place - (above % ordered.length) + ordered.length) % ordered.length);
}

/** Takes the row here and at each partner that answers; refused where a higher attempt stands. */
export async function takeRun(
  ports: RunPorts,
  reach: Reach,
  { row, expected }: { readonly row: RunRow; readonly expected: number | undefined },
): Promise<void> {
  await takeAt(ports.agentOf(ports.self), row, expected);
  await Promise.all(
    reach.partners().map((server) => reach.ask(server, (agent) => takeAt(agent, row, expected))),
  );
}

async function takeAt(
  agent: AgentClient,
  row: RunRow,
  expectedFirst: number | undefined,
): Promise<void> {
  let expected = expectedFirst;
  for (let tries = 1; tries <= takeTriesMax; tries++) {
    const taken = await agent.takeRun(row, expected);
    if (taken.isDone) return;
    const { current } = taken;
    if (current !== undefined && current.attempt >= row.attempt) throw takenOver(row, current);
    expected = current?.attempt; // It missed an attempt, or has never heard of the run.
  }
}

function takenOver({ id }: RunRow, { leader, attempt }: RunRow): RunRefusedError {
  return new RunRefusedError('takenOver', `${leader} leads run ${id} with attempt ${attempt}`);
}

/** The newest row of each run that this server or an answering partner knows. */
export async function findRuns(ports: RunPorts, reach: Reach): Promise<readonly RunRow[]> {
  const own = ports.agentOf(ports.self).readRuns();
  const others = reach
    .partners()
    .map((server) => reach.ask(server, (agent) => agent.readRuns()).catch(() => undefined));
  const views = await Promise.all([own, ...others]);
  return newestRuns(views.flatMap((view) => view ?? []));
}
