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
import { literal } from '../connect/sql-text.ts';
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
  // Two round trips: users may wait for a decision.
  return control.session(async (session) => {
    const looked = await session.batch([
      'BEGIN ISOLATION LEVEL READ COMMITTED',
      `SELECT pg_advisory_xact_lock(21332, hashtext(${literal(subjectOf(next))}))`,
      knownSql(next), // A statement of its own: its snapshot is taken when the lock is held.
    ]);
    const [known] = (looked[2] ?? []) as readonly Known[];
    const current = known?.value;
    const isNext = current?.generation === expected && isSuccessor(current, next);
    const isWritten = known?.isSame !== true && isNext;
    await session.batch([...(isWritten ? [writeSql(next)] : []), 'COMMIT']);
    // The same stands there when the answer of an earlier try was lost.
    if (isWritten || known?.isSame === true) return { isDone: true };
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
      if (isNewerDecision(decision, known?.value)) await session.query(writeSql(decision));
    }
  });
}

type Known = { readonly value: Decision; readonly isSame: boolean };

async function lockDecision(session: Session, next: Decision): Promise<Known | undefined> {
  const subject: Subject = subjectOf(next);
  await session.query('SELECT pg_advisory_xact_lock(21332, hashtext($1))', [subject]);
  const [row] = await session.query<Known>(knownSql(next));
  return row;
}

function knownSql(next: Decision): string {
  const [subject, value] = [literal(subjectOf(next)), literal(JSON.stringify(next))];
  return `SELECT value, value = ${value} AS "isSame" FROM control.decision
           WHERE subject = ${subject}`;
}

function writeSql(decision: Decision): string {
  const subject = literal(subjectOf(decision));
  const value = literal(JSON.stringify(decision));
  return `INSERT INTO control.decision (subject, generation, value)
     VALUES (${subject}, ${Number(decision.generation)}, ${value})
     ON CONFLICT (subject) DO UPDATE SET generation = excluded.generation, value = excluded.value`;
}

function compareTexts(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
