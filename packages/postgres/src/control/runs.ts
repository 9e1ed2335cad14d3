import type { JournalLine, RunId, RunRow } from '@understudy/core';
import type { Taken } from '@understudy/ports';
import type { AskControl } from './ask-control.ts';

export async function readRuns(ask: AskControl): Promise<readonly RunRow[]> {
  const rows = await ask<{ value: RunRow }>('SELECT value FROM control.run ORDER BY id');
  return rows.map(({ value }) => value);
}

const insertSql = `
  INSERT INTO control.run (id, attempt, value) VALUES ($1, $2, $3)
  ON CONFLICT DO NOTHING RETURNING id`;
const replaceSql = `
  UPDATE control.run SET attempt = $2, value = $3 WHERE id = $1 AND attempt = $4 RETURNING id`;

/** E14: inserts or replaces the row if its attempt is the expected one. */
export async function takeRun(
  ask: AskControl,
  row: RunRow,
  expected: number | undefined,
): Promise<Taken> {
  const values = [row.id, row.attempt, JSON.stringify(row)];
  const written =
    expected === undefined
      ? await ask(insertSql, values)
      : await ask(replaceSql, [...values, expected]);
  return written.length > 0 ? { isDone: true } : readTaken(ask, row);
}

/** Changes the row of the same attempt. */
export async function saveRun(ask: AskControl, row: RunRow): Promise<Taken> {
  const values = [row.id, row.attempt, JSON.stringify(row), row.attempt];
  const written = await ask(replaceSql, values);
  return written.length > 0 ? { isDone: true } : readTaken(ask, row);
}

/** A row that stands already, word for word, was written by a try whose answer was lost. */
async function readTaken(ask: AskControl, row: RunRow): Promise<Taken> {
  const [found] = await ask<{ value: RunRow; is_same: boolean }>(
    'SELECT value, value = $2 AS is_same FROM control.run WHERE id = $1',
    [row.id, JSON.stringify(row)],
  );
  if (found === undefined) return { isDone: false };
  return found.is_same ? { isDone: true } : { isDone: false, current: found.value };
}

// All lines or none. A line of an attempt that was overtaken is refused; one that stands stays.
const appendSql = `
  WITH line AS (
    SELECT value, value ->> 'run' AS run, (value ->> 'attempt')::int AS attempt,
           (value ->> 'number')::int AS number
      FROM jsonb_array_elements($1) AS value
  ), overtaken AS (
    SELECT FROM line JOIN control.run ON run.id = line.run AND run.attempt > line.attempt
  ), appended AS (
    INSERT INTO control.journal (run, attempt, number, value)
    SELECT run, attempt, number, value FROM line WHERE NOT EXISTS (SELECT FROM overtaken)
    ON CONFLICT DO NOTHING
  )
  SELECT NOT EXISTS (SELECT FROM overtaken) AS is_done`;

export async function appendJournal(
  ask: AskControl,
  lines: readonly JournalLine[],
): Promise<boolean> {
  const [row] = await ask<{ is_done: boolean }>(appendSql, [JSON.stringify(lines)]);
  return row?.is_done === true;
}

export async function readJournal(ask: AskControl, run: RunId): Promise<readonly JournalLine[]> {
  const rows = await ask<{ value: JournalLine }>(
    'SELECT value FROM control.journal WHERE run = $1 ORDER BY attempt, number',
    [run],
  );
  return rows.map(({ value }) => value);
}

export async function highestAttempt(ask: AskControl, run: RunId): Promise<number> {
  const [row] = await ask<{ attempt: number }>(
    'SELECT attempt FROM control.obeyed WHERE run = $1',
    [run],
  );
  return row?.attempt ?? 0;
}

/** E14: false when a higher attempt was recorded. */
export async function recordAttempt(
  ask: AskControl,
  run: RunId,
  attempt: number,
): Promise<boolean> {
  const rows = await ask(
    `INSERT INTO control.obeyed (run, attempt) VALUES ($1, $2)
     ON CONFLICT (run) DO UPDATE SET attempt = excluded.attempt
      WHERE obeyed.attempt <= excluded.attempt
     RETURNING run`,
    [run, attempt],
  );
  return rows.length > 0;
}
