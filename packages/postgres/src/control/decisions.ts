import {
  type Decision,
  type Generation,
  isNewerDecision,
  isSuccessor,
  type Subject,
  subjectOf,
} from '@understudy/core';
import type { Decided } from '@understudy/ports';
import type { Session } from '../connect/databases.ts';
import type { Control } from './ask-control.ts';

// A decision is judged under a lock of its subject, which exists before its row does: two agents
// that write the first decision of a subject at once come one after the other.

export async function readDecisions({ ask }: Control): Promise<readonly Decision[]> {
  const rows = await ask<{ value: Decision }>(
    'SELECT value FROM control.decision ORDER BY subject',
  );
  return rows.map(({ value }) => value);
}

/** Compare and set: `next` follows the decision of generation `expected`, or is refused. */
export function decide(
  control: Control,
  next: Decision,
  expected: Generation | undefined,
): Promise<Decided> {
  return control.transaction(async (session) => {
    const known = await lockDecision(session, next);
    if (known?.isSame) return { isDone: true }; // The answer of an earlier try was lost.
    const current = known?.value;
    if (current?.generation === expected && isSuccessor(current, next)) {
      await writeDecision(session, next);
      return { isDone: true };
    }
    return current === undefined ? { isDone: false } : { isDone: false, current };
  });
}

/** Takes over what is newer than what stands here, all or nothing. */
export async function learn(control: Control, decisions: readonly Decision[]): Promise<void> {
  if (decisions.length === 0) return;
  // In one order everywhere: two agents that learn at once never wait for each other in a circle.
  const inOrder = decisions.toSorted((left, right) =>
    compareTexts(subjectOf(left), subjectOf(right)),
  );
  await control.transaction(async (session) => {
    for (const decision of inOrder) {
      const known = await lockDecision(session, decision);
      if (isNewerDecision(decision, known?.value)) await writeDecision(session, decision);
    }
  });
}

type Known = { readonly value: Decision; readonly isSame: boolean };

async function lockDecision(session: Session, next: Decision): Promise<Known | undefined> {
  const subject: Subject = subjectOf(next);
  await session.query('SELECT pg_advisory_xact_lock(21332, hashtext($1))', [subject]);
  const [row] = await session.query<Known>(
    'SELECT value, value = $2 AS "isSame" FROM control.decision WHERE subject = $1',
    [subject, JSON.stringify(next)],
  );
  return row;
}

async function writeDecision(session: Session, decision: Decision): Promise<void> {
  await session.query(
    `INSERT INTO control.decision (subject, generation, value) VALUES ($1, $2, $3)
     ON CONFLICT (subject) DO UPDATE SET generation = excluded.generation, value = excluded.value`,
    [subjectOf(decision), decision.generation, JSON.stringify(decision)],
  );
}

function compareTexts(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
