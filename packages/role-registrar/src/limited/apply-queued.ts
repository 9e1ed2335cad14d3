import {
  type Generation,
  mailboxLockClass,
  type QueuedBatch,
  type QueuedChange,
  type QueuedDone,
} from '@understudy/core';
import type { Log } from '@understudy/ports';
import type { MountedDataset } from '../data/mounted-dataset.ts';
import { isDefinite, type Session, type Statement } from '../data/open-database.ts';
import { unknownOutcome } from '../problem.ts';
import { beginLocked } from '../writes/begin-locked.ts';
import { applyBindings } from './apply-bindings.ts';
import { applyRun, messageOf, type Refusals, type Run, runsOf } from './apply-run.ts';

// What was queued in limited mode comes into the dataset that it is about.
//
// Q1. A change and the row that says what became of it are one transaction: whoever carries it may
//     die anywhere and come again, and it is applied once.
// Q2. Changes are applied in the order of the queue.
// Q3. A change that cannot be applied any more is written down with the reason, and the next one
//     has its turn: nothing is dropped, and nothing is held up for ever.

/** Longer than anything stays in a queue: what came once is known when it comes again. */
const knownForMs = 90 * 24 * 60 * 60 * 1000;

/** Returns those that were not here before. */
const noteApplied: Statement = {
  name: 'note_applied',
  text: `
    with gate as (select understudy.check_gate($1::bigint) as is_open)
    insert into app.applied_changes (id, user_id, kind, queued_at, applied_at, expires_at)
    select a.id, a.user_id, a.kind, to_timestamp(a.queued_at_ms / 1000), now(),
           now() + make_interval(secs => $6::float8 / 1000)
      from gate, unnest($2::uuid[], $3::uuid[], $4::text[], $5::float8[])
             as a(id, user_id, kind, queued_at_ms)
     where gate.is_open order by a.id
    on conflict (id) do nothing returning id`,
};

const noteRefused: Statement = {
  name: 'note_refused',
  text: 'update app.applied_changes set refused = $2 where id = $1',
};

/** Resolves with what stands here now, once that is durable. */
export async function applyQueued(
  mounted: MountedDataset,
  { changes, bindings }: QueuedBatch,
  log: Log,
): Promise<QueuedDone> {
  const { generation } = mounted.mount;
  const mailboxes = changes.flatMap((change) => messageOf(change)?.toName ?? []);
  await mounted.database.write(async (session) => {
    await beginLocked(session, mailboxLockClass, mailboxes);
    const fresh = await note(session, changes, generation);
    for (const run of runsOf(fresh)) await applyNoting(session, run, { generation, log });
    await applyBindings(session, bindings, generation);
    await session.run('commit');
  });
  // E12: past the deadline nobody may be told that it is done.
  if (!mounted.isLive()) throw unknownOutcome('the right to serve this pool ended meanwhile');
  return {
    changes: changes.map(({ id }) => id),
    bindings: bindings.map(({ id, changed }) => ({ id, changed })),
  };
}

/** Writes down that they were applied; gives those of which that is new. */
async function note(
  session: Session,
  changes: readonly QueuedChange[],
  generation: Generation,
): Promise<readonly QueuedChange[]> {
  if (changes.length === 0) return [];
  const noted = await session.query<{ readonly id: string }>(noteApplied, [
    generation,
    changes.map(({ id }) => id),
    changes.map(({ userId }) => userId),
    changes.map(({ kind }) => kind),
    changes.map(({ queuedAtMs }) => queuedAtMs),
    knownForMs,
  ]);
  const fresh = new Set(noted.map(({ id }) => id));
  return changes.filter(({ id }) => fresh.has(id));
}

type Applying = { readonly generation: Generation; readonly log: Log };

async function applyNoting(session: Session, run: Run, applying: Applying): Promise<void> {
  const refusals = await applyOrSplit(session, run, applying.generation);
  for (const { id, kind, userId } of run) {
    const refused = refusals.get(id);
    if (refused === undefined) continue;
    applying.log.say('warn', `a queued ${kind} of user ${userId} was not applied: ${refused}`);
    await session.query(noteRefused, [id, refused]);
  }
}

/** A run of which the schema refuses one change is applied change by change. */
async function applyOrSplit(session: Session, run: Run, generation: Generation): Promise<Refusals> {
  await session.run('savepoint run');
  try {
    const refusals = await applyRun(session, run, generation);
    await session.run('release savepoint run');
    return refusals;
  } catch (error) {
    // Data that the schema refuses, a user who is gone above all, will be refused for ever.
    if (!isDefinite(error) || !/^2[23]/.test(error.code)) throw error;
    await session.run('rollback to savepoint run');
    const [first] = run;
    if (first !== undefined && run.length === 1) {
      return new Map([[first.id, error.code === '23503' ? 'its user is gone' : error.message]]);
    }
    const refusals = new Map<string, string>();
    for (const change of run) {
      for (const each of await applyOrSplit(session, [change], generation)) refusals.set(...each);
    }
    return refusals;
  }
}
