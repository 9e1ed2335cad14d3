import type { GateRenewed, GateTime } from '@understudy/ports';
import type { EngineParts } from '../connect/engine-parts.ts';
import { bounds } from '../connect/bounds.ts';
import { inCopy } from '../copy/find-copy.ts';

/**
 * Moves the gate's end, never back (V1). A gate that was shut, has run out or was opened before a
 * restart is not renewed: that mount is over, and the next has a new generation (E1).
 */
export async function renew(
  parts: EngineParts,
  { dataset, generation, validForMs, fromMs }: GateTime,
): Promise<GateRenewed | undefined> {
  // A renewal that was swallowed is asked again over another connection while the mount holds.
  const answerMs = Math.max(bounds.renewAnswerMs, validForMs / 3);
  const [row] = await inCopy(parts, dataset, (database) =>
    parts.databases.session({ database, answerMs }, (session) =>
      session.query<{ until: string; clock: string }>(renewSql, [
        generation,
        Math.floor(validForMs),
        fromMs === undefined ? null : Math.floor(fromMs),
      ]),
    ),
  );
  if (row === undefined) return undefined;
  return { validUntilMs: Number(row.until), clockMs: Number(row.clock) };
}

const renewSql = `
  UPDATE understudy.gate
     SET valid_until_ms = greatest(valid_until_ms, coalesce($3, understudy.clock_ms()) + $2)
   WHERE generation = $1 AND valid_until_ms > understudy.clock_ms()
     AND postmaster_started = pg_postmaster_start_time()
  RETURNING valid_until_ms AS until, understudy.clock_ms() AS clock`;
