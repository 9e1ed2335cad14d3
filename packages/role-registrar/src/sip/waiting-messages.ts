import type { MountedDataset } from '../data/mounted-dataset.ts';
import type { Statement } from '../data/open-database.ts';

/** A message that no phone of its user has taken yet. */
export type WaitingMessage = {
  readonly id: string;
  readonly fromUri: string;
  readonly body: string;
  readonly contentType: string;
  readonly sentAtMs: number;
};

const findWaiting: Statement = {
  name: 'find_waiting',
  text: `
    select w.message_id as id, coalesce(m.from_uri, 'sip:' || u.name || '@' || $2) as "fromUri",
           m.body, w.content_type as "contentType",
           (extract(epoch from m.sent_at) * 1000)::float8 as "sentAtMs"
      from app.undelivered w join app.messages m on m.id = w.message_id
      left join app.users u on u.id = m.from_user
     where w.user_id = $1 and w.expires_at > now()
     order by m.generation, m.place limit $3`,
};

const removeWaiting: Statement = {
  name: 'remove_waiting',
  text: `
    with gate as (select understudy.check_gate($1::bigint) as is_open)
    delete from app.undelivered w using gate where gate.is_open and w.message_id = $2`,
};

const pageRows = 50;

/** In the order of the mailbox, a page of them. */
export function readWaiting(
  { database }: MountedDataset,
  userId: string,
  domain: string,
): Promise<readonly WaitingMessage[]> {
  return database.read<WaitingMessage>(findWaiting, [userId, domain, pageRows]);
}

export async function markDelivered(
  { database, mount }: MountedDataset,
  id: string,
): Promise<void> {
  await database.write((session) => session.query(removeWaiting, [mount.generation, id]));
}
