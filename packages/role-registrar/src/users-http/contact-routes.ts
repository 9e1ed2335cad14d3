import { chosenId, contactBody, groupBody } from '@understudy/api';
import type { Context } from 'hono';
import type { Statement } from '../data/open-database.ts';
import { Problem } from '../problem.ts';
import { check, readBody } from './read-body.ts';
import type { UsersApp, UsersEnv } from './users-env.ts';

const listContacts: Statement = {
  name: 'list_contacts',
  text: `select id, uri, display_name as "displayName", group_id as "groupId"
           from app.contacts where user_id = $1 order by id limit $2`,
};
const listGroups: Statement = {
  name: 'list_groups',
  text: 'select id, name from app.contact_groups where user_id = $1 order by id limit $2',
};
const rowsMax = 5_000;

const idOf = (c: Context<UsersEnv>) => check(chosenId, c.req.param('id'), 'id');

export function addContactRoutes(app: UsersApp): void {
  app.get('/v1/contacts', async (c) => {
    const { user, mounted } = c.var.session;
    return c.json({ contacts: await mounted.database.read(listContacts, [user.id, rowsMax]) });
  });
  app.put('/v1/contacts/:id', async (c) => {
    const { user, mounted } = c.var.session;
    const [id, body] = [idOf(c), await readBody(c, contactBody)];
    const row = { id, userId: user.id, ...body };
    refuseUnless(await mounted.personal.putContact.submit(row), 'contact or its group');
    return c.json({ id, ...body });
  });
  app.delete('/v1/contacts/:id', async (c) => {
    const { user, mounted } = c.var.session;
    await mounted.personal.removeContact.submit({ id: idOf(c), userId: user.id });
    return c.body(null, 204);
  });
  addGroupRoutes(app);
}

function addGroupRoutes(app: UsersApp): void {
  app.get('/v1/groups', async (c) => {
    const { user, mounted } = c.var.session;
    return c.json({ groups: await mounted.database.read(listGroups, [user.id, rowsMax]) });
  });
  app.put('/v1/groups/:id', async (c) => {
    const { user, mounted } = c.var.session;
    const [id, body] = [idOf(c), await readBody(c, groupBody)];
    const done = await mounted.personal.putGroup.submit({ id, userId: user.id, ...body });
    refuseUnless(done, 'group');
    return c.json({ id, ...body });
  });
  app.delete('/v1/groups/:id', async (c) => {
    const { user, mounted } = c.var.session;
    await mounted.personal.removeGroup.submit({ id: idOf(c), userId: user.id });
    return c.body(null, 204);
  });
}

function refuseUnless(done: true | undefined, what: string): void {
  if (done === true) return;
  const todo = 'choose another id, or a group of your own';
  throw new Problem('refused', { what: `the id of this ${what} is not yours`, todo });
}
