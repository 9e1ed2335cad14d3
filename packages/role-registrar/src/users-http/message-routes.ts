import { mailboxPageQuery, messageBody } from '@understudy/api';
import type { Context } from 'hono';
import type { Statement } from '../data/open-database.ts';
import { notServing, Problem, unknownOutcome } from '../problem.ts';
import {
  type MailboxPosition,
  type MailboxRow,
  mailboxStart,
  parsePosition,
  showPosition,
} from './mailbox-position.ts';
import { check, readBody } from './read-body.ts';
import type { UserSession, UsersApp, UsersEnv } from './users-env.ts';

const pageOfMailbox: Statement = {
  name: 'page_of_mailbox',
  text: `
    select m.id, coalesce(u.name, m.from_uri, '') as "from", m.body, m.sent_at as "sentAt",
           m.generation::float8 as generation, m.place::float8 as place
      from app.messages m left join app.users u on u.id = m.from_user
     where m.to_user = $1 and (m.generation, m.place) > ($2::bigint, $3::bigint)
     order by m.generation, m.place limit $4`,
};
/** The last row at or before a position: the last common point of a client and this copy. */
const rowAtOrBefore: Statement = {
  name: 'row_at_or_before',
  text: `
    select generation::float8 as generation, place::float8 as place from app.messages
     where to_user = $1 and (generation, place) <= ($2::bigint, $3::bigint)
     order by generation desc, place desc limit 1`,
};

type PageRow = MailboxRow & {
  readonly id: string;
  readonly from: string;
  readonly body: string;
  readonly sentAt: Date;
};

export function addMessageRoutes(app: UsersApp): void {
  app.post('/v1/messages', sendMessage);
  app.get('/v1/messages', readMailbox);
}

async function sendMessage(c: Context<UsersEnv>) {
  const { user, mounted } = c.var.session;
  const { id, to, body } = await readBody(c, messageBody);
  const row = { id: id.toLowerCase(), fromUser: user.id, toName: to, body };
  const sent = await mounted.messages.submit(row);
  if (sent === undefined) throw unknownOutcome('the store did not say');
  if (!sent.isSame) {
    const todo = 'choose a new id for a new message';
    throw new Problem('refused', { what: `id ${id} is of another message`, where: 'id', todo });
  }
  if (!sent.hasRecipient) {
    const todo = 'correct the name; users of other pools cannot be written to here';
    throw new Problem('notFound', { what: `there is no user ${to}`, where: 'to', todo });
  }
  return c.json({ id, position: showPosition(mounted.mount.generation, sent) }, 201);
}

async function readMailbox(c: Context<UsersEnv>) {
  const { user, mounted } = c.var.session;
  const { after, limit } = check(mailboxPageQuery, c.req.query(), 'query');
  const from =
    after === undefined ? mailboxStart : await pointOf(parsePosition(after), c.var.session);
  const values = [user.id, from.generation, from.place, limit + 1];
  const rows = await mounted.database.read<PageRow>(pageOfMailbox, values);
  const page = rows.slice(0, limit);
  const show = (row: MailboxRow) => showPosition(mounted.mount.generation, row);
  return c.json({
    messages: page.map((row) => ({
      id: row.id,
      from: row.from,
      body: row.body,
      sentAt: row.sentAt.toISOString(),
      position: show(row),
    })),
    position: show(page.at(-1) ?? from),
    hasMore: rows.length > limit,
  });
}

async function pointOf(position: MailboxPosition, session: UserSession): Promise<MailboxRow> {
  const { mount, database } = session.mounted;
  if (position.givenUnder === mount.generation) return position;
  if (position.givenUnder > mount.generation) {
    throw notServing('your position is newer than this mount: somebody else serves this pool');
  }
  const values = [session.user.id, position.generation, position.place];
  const [common = mailboxStart] = await database.read<MailboxRow>(rowAtOrBefore, values);
  throw new Problem('lookAgain', {
    what: 'another copy serves this pool since your position was given out',
    where: 'after',
    todo: 'look again from `where`: what comes behind it may have changed',
    position: showPosition(mount.generation, common),
  });
}
