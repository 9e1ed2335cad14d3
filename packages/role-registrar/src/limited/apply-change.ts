import { queuedBodies } from '@understudy/api';
import type { Generation, QueuedChange, QueuedKind } from '@understudy/core';
import type { Session, Statement } from '../data/open-database.ts';
import {
  putContact,
  putGroup,
  putSetting,
  remove,
  removeSetting,
  settingId,
} from '../writes/personal-writes.ts';
import { insertMessages, type MessageRow } from '../writes/send-messages.ts';

/** Parameters of a statement, behind the generation. */
type Values = readonly (readonly unknown[])[];
type Write = {
  readonly statement: Statement;
  /** Undefined where the body cannot be read. */
  readonly values: (body: unknown, userId: string) => Values | undefined;
};
type Personal = Exclude<QueuedKind, 'message'>;
type Body<Kind extends Personal> = ReturnType<(typeof queuedBodies)[Kind]['parse']>;

function write<Kind extends Personal>(
  kind: Kind,
  statement: Statement,
  values: (body: Body<Kind>, userId: string) => Values,
): Write {
  return {
    statement,
    values: (body, userId) => {
      const { data } = queuedBodies[kind].safeParse(body);
      return data === undefined ? undefined : values(data as Body<Kind>, userId);
    },
  };
}

const writes: { readonly [kind in Personal]: Write } = {
  putContact: write('putContact', putContact, ({ id, groupId, uri, displayName }, userId) => [
    [id],
    [userId],
    [groupId],
    [uri],
    [displayName],
  ]),
  removeContact: write('removeContact', remove('contacts'), ({ id }, userId) => [[id], [userId]]),
  putGroup: write('putGroup', putGroup, ({ id, name }, userId) => [[id], [userId], [name]]),
  removeGroup: write('removeGroup', remove('contact_groups'), ({ id }, userId) => [[id], [userId]]),
  putSetting: write('putSetting', putSetting, ({ key, value }, userId) => [
    [settingId({ userId, key })],
    [userId],
    [key],
    [value],
  ]),
  removeSetting: write('removeSetting', removeSetting, ({ key }, userId) => [[userId], [key]]),
};

/** The message that a change sends; undefined where it is none that can be read. */
export function messageOf({ id, userId, kind, body }: QueuedChange): MessageRow | undefined {
  if (kind !== 'message') return undefined;
  const { data } = queuedBodies.message.safeParse(body);
  return data && { id, fromUser: userId, ...data };
}

/** Why it could not be applied, in words; undefined where it was. */
export async function applyChange(
  session: Session,
  change: QueuedChange,
  generation: Generation,
): Promise<string | undefined> {
  const { kind, body, userId } = change;
  const row = messageOf(change);
  if (row !== undefined) return await applyMessage(session, row, generation);
  const values = kind === 'message' ? undefined : writes[kind].values(body, userId);
  if (kind === 'message' || values === undefined) return 'this release cannot read it';
  const done = await session.query(writes[kind].statement, [generation, ...values]);
  return done.length > 0 ? undefined : 'its id, or its group, is of another user';
}

async function applyMessage(
  session: Session,
  row: MessageRow,
  generation: Generation,
): Promise<string | undefined> {
  const [sent] = await insertMessages(session, [row], generation);
  if (sent?.has_recipient !== true) return `there is no user ${row.toName} any more`;
  if (!sent.has_room) return 'too many messages wait for its recipient';
  return sent.is_same ? undefined : 'its id is of another message';
}
