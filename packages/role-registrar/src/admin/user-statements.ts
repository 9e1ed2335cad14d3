import type { Statement } from '../data/open-database.ts';

// Administration of users: each statement is one transaction that refers to its check of the gate
// (E3). $1 is the generation in those that write.

const gate = 'gate as (select understudy.check_gate($1::bigint) as is_open)';

/** Credentials as arrays; returns a row when the user was added now. */
export const addUser: Statement = {
  name: 'add_user',
  text: `
    with ${gate}, added as (
      insert into app.users (id, name, display_name, routing_group, created_at, changed_generation)
      select $2, $3, $4, $5, now(), $1 from gate where gate.is_open
      on conflict do nothing returning id),
    secured as (
      insert into app.credentials (id, user_id, realm, algorithm, ha1)
      select c.id, added.id, $6, c.algorithm, c.ha1
        from added, unnest($7::uuid[], $8::text[], $9::text[]) as c(id, algorithm, ha1))
    select id from added`,
};

/** The mailbox has no foreign key (messages are append-only), so it is emptied by name. */
export const removeUser: Statement = {
  name: 'remove_user',
  text: `
    with ${gate}, gone as (
      delete from app.users u using gate, understudy.visible_users v
       where gate.is_open and v.id = u.id and u.name = $2 returning u.id),
    emptied as (delete from app.messages m using gone where m.to_user = gone.id)
    select id from gone`,
};

export const countUsers: Statement = {
  name: 'count_users',
  text: `select (select count(*) from app.users)::float8 as users`,
};

export const listUsers: Statement = {
  name: 'list_users',
  text: `
    select id, name, display_name as "displayName", routing_group as "routingGroup"
      from understudy.visible_users where name > $1 order by name limit $2`,
};

export const showUser: Statement = {
  name: 'show_user',
  text: `
    select u.id, u.name, u.display_name as "displayName", u.routing_group as "routingGroup",
           u.created_at as "createdAt",
           array(select c.algorithm from app.credentials c
                  where c.user_id = u.id and c.realm = $2 order by 1) as algorithms,
           (select count(*) from app.contacts c where c.user_id = u.id)::float8 as contacts
      from understudy.visible_users u where u.name = $1`,
};
