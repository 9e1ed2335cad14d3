import type { QueuedKind } from '@understudy/core';
import { systemChance } from '@understudy/ports/system';
import { Problem, unknownOutcome } from '../problem.ts';
import type { Batches } from '../writes/batch-writes.ts';
import type { PersonalWrites } from '../writes/personal-writes.ts';
import type { MessageAnswer, MessageRow } from '../writes/send-messages.ts';
import type { QueueRow } from './queue-writes.ts';

/** Queues a change and resolves when that is durable. Throws a Problem where it cannot. */
export type Enqueue = (row: QueueRow) => Promise<void>;

// What users change in limited mode has the shape that it has in full service, so that nothing
// before it needs to know which of the two it is.

/**
 * A change of a row that the client names is a change of its own each time: the same twice in a row
 * does what it does once.
 */
export function queuedPersonal(enqueue: Enqueue): PersonalWrites {
  const queued = <Row extends { readonly userId: string }>(kind: QueuedKind) =>
    asBatches<Row, true>(async ({ userId, ...body }) => {
      await enqueue({ id: systemChance.uuid(), userId, kind, body });
      return true;
    });
  return {
    putContact: queued('putContact'),
    removeContact: queued('removeContact'),
    putGroup: queued('putGroup'),
    removeGroup: queued('removeGroup'),
    putSetting: queued('putSetting'),
    removeSetting: queued('removeSetting'),
  };
}

/** A message keeps the id that its sender chose: sent twice it is queued once (E13). */
export function queuedMessages(
  enqueue: Enqueue,
  hasUser: (name: string) => Promise<boolean>,
): Batches<MessageRow, MessageAnswer> {
  return asBatches(async ({ id, fromUser, ...body }) => {
    const answer = { hasRecipient: true, hasRoom: true, isSame: true, generation: 0, place: 0 };
    if (!(await hasUser(body.toName))) return { ...answer, hasRecipient: false };
    await enqueue({ id, userId: fromUser, kind: 'message', body });
    return answer;
  });
}

/** What a full queue, a used id or a store that says nothing means for whoever asked. */
export function refuseQueued(answer: { isSame: boolean; hasRoom: boolean } | undefined): void {
  if (answer === undefined) throw unknownOutcome('the store did not say');
  if (!answer.isSame) {
    const todo = 'choose a new id for a new message';
    throw new Problem('refused', { what: 'this id is of another change', where: 'id', todo });
  }
  if (answer.hasRoom) return;
  throw new Problem('notServing', {
    what: 'too many changes wait until the home pool is back',
    todo: 'ask again when it is',
    retryAfterMs: fullAgainMs,
  });
}
const fullAgainMs = 30_000;

function asBatches<Row, Answer>(submit: (row: Row) => Promise<Answer>): Batches<Row, Answer> {
  return { submit, close: () => {} };
}
