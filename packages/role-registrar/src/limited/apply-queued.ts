import type { Generation, QueuedBatch, QueuedChange, QueuedDone } from '@understudy/core';
import type { Log } from '@understudy/ports';
import type { MountedDataset } from '../data/mounted-dataset.ts';
import { isDefinite, type Session, type Statement } from '../data/open-database.ts';
import { unknownOutcome } from '../problem.ts';
import { beginLocked } from '../writes/begin-locked.ts';
import { mailboxLockClass } from '../writes/send-messages.ts';
import { applyBindings } from './apply-bindings.ts';
import { applyChange, messageOf } from './apply-change.ts';

// What was queued in limited mode comes into the dataset that it is about.
//
// Q1. A change and the row that says what became of it are one transaction: whoever carries it may
//     die anywhere and come again, and it is applied once.
// Q2. Changes are applied in the order of the queue.
// Q3. A change that cannot be applied any more is written down with the reason, and the next one
//     has its turn: nothing is dropped, and nothing is held up for ever.

/** Longer than anything stays in a queue: what came once is known when it comes again. */
const knownForMs = 90 * 24 * 60 * 60 * 1000;

/** Returns a row for a change that was not here before. */
const noteApplied: Statement = {
  name: 'note_applied',
  text: `
    with gate as (select understudy.check_gate($1::bigint) as is_open)
    insert into app.applied_changes (id, user_id, kind, queued_at, applied_at, expires_at)
    select $2, $3, $4, to_timestamp($5::float8 / 1000), now(),
           now() + make_interval(secs => $6::float8 / 1000)
      from gate where gate.is_open
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
    for (const change of changes) await applyOnce(session, { change, generation, log });
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

type Applying = {
  readonly change: QueuedChange;
  readonly generation: Generation;
  readonly log: Log;
};

async function applyOnce(session: Session, applying: Applying): Promise<void> {
  const { change, generation, log } = applying;
  const { id, userId, kind, queuedAtMs } = change;
  const values = [generation, id, userId, kind, queuedAtMs, knownForMs];
  if ((await session.query(noteApplied, values)).length === 0) return;
  const refused = await tryApplying(session, applying);
  if (refused === undefined) return;
  log.say('warn', `a queued ${kind} of user ${userId} was not applied: ${refused}`);
  await session.query(noteRefused, [id, refused]);
}

/** Why it was refused; undefined where it was applied. */
async function tryApplying(
  session: Session,
  { change, generation }: Applying,
): Promise<string | undefined> {
  await session.run('savepoint change');
  try {
    const refused = await applyChange(session, change, generation);
    await session.run('release savepoint change');
    return refused;
  } catch (error) {
    // Data that the schema refuses, a user who is gone above all, will be refused for ever.
    if (!isDefinite(error) || !/^2[23]/.test(error.code)) throw error;
    await session.run('rollback to savepoint change');
    return error.code === '23503' ? 'its user is gone' : error.message;
  }
}
