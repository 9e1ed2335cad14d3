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

/** Parameters of a statement, behind the generation: a row has one value in each. */
type Columns = readonly (readonly unknown[])[];
type Write = {
  readonly statement: Statement;
  /** The row of one change; undefined where the body cannot be read. */
  readonly columns: (body: unknown, userId: string) => Columns | undefined;
  /** What the statement calls a row that it has written. */
  readonly keyOf: (body: Readonly<Record<string, unknown>>, userId: string) => string;
};
type Personal = Exclude<QueuedKind, 'message'>;
type Body<Kind extends Personal> = ReturnType<(typeof queuedBodies)[Kind]['parse']>;

function write<Kind extends Personal>(
  kind: Kind,
  statement: Statement,
  rowOf: (body: Body<Kind>, userId: string) => readonly unknown[],
): Write {
  const isSetting = kind === 'putSetting' || kind === 'removeSetting';
  return {
    statement,
    columns: (body, userId) => {
      const { data } = queuedBodies[kind].safeParse(body);
      return data === undefined ? undefined : rowOf(data as Body<Kind>, userId).map((one) => [one]);
    },
    keyOf: ({ id, key }, userId) => (isSetting ? `${userId} ${String(key)}` : String(id)),
  };
}

const writes: { readonly [kind in Personal]: Write } = {
  putContact: write('putContact', putContact, ({ id, groupId, uri, displayName }, userId) => [
    id,
    userId,
    groupId,
    uri,
    displayName,
  ]),
  removeContact: write('removeContact', remove('contacts'), ({ id }, userId) => [id, userId]),
  putGroup: write('putGroup', putGroup, ({ id, name }, userId) => [id, userId, name]),
  removeGroup: write('removeGroup', remove('contact_groups'), ({ id }, userId) => [id, userId]),
  putSetting: write('putSetting', putSetting, ({ key, value }, userId) => [
    settingId({ userId, key }),
    userId,
    key,
    value,
  ]),
  removeSetting: write('removeSetting', removeSetting, ({ key }, userId) => [userId, key]),
};

/** The message that a change sends; undefined where it is none that can be read. */
export function messageOf({ id, userId, kind, body }: QueuedChange): MessageRow | undefined {
  if (kind !== 'message') return undefined;
  const { data } = queuedBodies.message.safeParse(body);
  return data && { id, fromUser: userId, ...data };
}

/** Why each could not be applied, by the change's id; who is not named was applied. */
export type Refusals = ReadonlyMap<string, string>;

/** Changes of one kind that one statement can make. */
export type Run = readonly QueuedChange[];

/**
 * Messages among themselves, and personal changes among themselves, keep their order; nobody sees
 * how the two stand to each other, for a batch becomes visible as one.
 */
export function runsOf(changes: readonly QueuedChange[]): readonly Run[] {
  const messages = changes.filter(({ kind }) => kind === 'message');
  const runs: QueuedChange[][] = messages.length === 0 ? [] : [messages];
  let last: { readonly run: QueuedChange[]; readonly keys: Set<string> } | undefined;
  for (const change of changes) {
    if (change.kind === 'message') continue;
    const key = writes[change.kind].keyOf(change.body, change.userId);
    if (last === undefined || last.run[0]?.kind !== change.kind || last.keys.has(key)) {
      last = { run: [], keys: new Set() };
      runs.push(last.run);
    }
    last.run.push(change);
    last.keys.add(key);
  }
  return runs;
}

/** Applies a run with one statement; PostgreSQL's error where one of its changes is refused so. */
export async function applyRun(
  session: Session,
  run: Run,
  generation: Generation,
): Promise<Refusals> {
  const [first] = run;
  if (first === undefined) return new Map();
  if (first.kind === 'message') return await applyMessages(session, run, generation);
  const { statement, columns, keyOf } = writes[first.kind];
  const rows = run.flatMap((change) => {
    const row = columns(change.body, change.userId);
    return row === undefined ? [] : [{ change, row }];
  });
  const readable = new Set(rows.map(({ change }) => change.id));
  const values = rows[0]?.row.map((_, column) => rows.flatMap(({ row }) => row[column] ?? []));
  const done =
    values === undefined
      ? []
      : await session.query<{ readonly key: string }>(statement, [generation, ...values]);
  const keys = new Set(done.map(({ key }) => key));
  return refusalsOf(run, ({ id, body, userId }) => {
    if (!readable.has(id)) return unreadable;
    return keys.has(keyOf(body, userId)) ? undefined : 'its id, or its group, is of another user';
  });
}

const unreadable = 'this release cannot read it';

async function applyMessages(
  session: Session,
  run: Run,
  generation: Generation,
): Promise<Refusals> {
  const rows = run.flatMap((change) => messageOf(change) ?? []);
  const names = new Map(rows.map(({ id, toName }) => [id, toName]));
  const sent = rows.length === 0 ? [] : await insertMessages(session, rows, generation);
  const answers = new Map(sent.map((answer) => [answer.id, answer]));
  return refusalsOf(run, ({ id }) => {
    if (!names.has(id)) return unreadable;
    const answer = answers.get(id);
    if (answer?.has_recipient !== true) return `there is no user ${names.get(id)} any more`;
    if (!answer.has_room) return 'too many messages wait for its recipient';
    return answer.is_same ? undefined : 'its id is of another message';
  });
}

function refusalsOf(run: Run, why: (change: QueuedChange) => string | undefined): Refusals {
  return new Map(
    run.flatMap((change) => {
      const refused = why(change);
      return refused === undefined ? [] : [[change.id, refused] as const];
    }),
  );
}
