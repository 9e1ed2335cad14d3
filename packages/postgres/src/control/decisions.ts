import { type Decision, type Generation, subjectOf } from '@understudy/core';
import type { Decided } from '@understudy/ports';
import type { AskControl } from './create-postgres-control-store.ts';

export async function readDecisions(ask: AskControl): Promise<readonly Decision[]> {
  const rows = await ask<{ value: Decision }>(
    'SELECT value FROM control.decision ORDER BY subject',
  );
  return rows.map(({ value }) => value);
}

// One statement each, so that the compare and the set are one: a row that another changes meanwhile
// is judged again as it then is (documentation, 13.2.1), and an insert meets the primary key.
const insertSql = `
  INSERT INTO control.decision (subject, generation, value) VALUES ($1, $2, $3)
  ON CONFLICT DO NOTHING RETURNING subject`;
const updateSql = `
  UPDATE control.decision SET generation = $2, value = $3
   WHERE subject = $1 AND generation = $4 AND $2 > $4 RETURNING subject`;

export async function decide(
  ask: AskControl,
  next: Decision,
  expected: Generation | undefined,
): Promise<Decided> {
  const subject = subjectOf(next);
  const values = [subject, next.generation, JSON.stringify(next)];
  const written =
    expected === undefined
      ? await ask(insertSql, values)
      : await ask(updateSql, [...values, expected]);
  if (written.length > 0) return { isDone: true };
  const [row] = await ask<{ value: Decision; is_same: boolean }>(
    'SELECT value, value = $2 AS is_same FROM control.decision WHERE subject = $1',
    [subject, JSON.stringify(next)],
  );
  if (row === undefined) return { isDone: false };
  return row.is_same ? { isDone: true } : { isDone: false, current: row.value };
}

export async function learn(ask: AskControl, decisions: readonly Decision[]): Promise<void> {
  if (decisions.length === 0) return;
  // In one order everywhere: two agents that learn at once never wait for each other in a circle.
  const rows = decisions.map((value) => ({
    subject: subjectOf(value),
    generation: value.generation,
    value,
  }));
  await ask(
    `INSERT INTO control.decision (subject, generation, value)
     SELECT DISTINCT ON (subject) subject, generation, value
       FROM jsonb_to_recordset($1) AS known (subject text, generation bigint, value jsonb)
      ORDER BY subject, generation DESC
     ON CONFLICT (subject) DO UPDATE SET generation = excluded.generation, value = excluded.value
      WHERE decision.generation < excluded.generation`,
    [JSON.stringify(rows)],
  );
}
