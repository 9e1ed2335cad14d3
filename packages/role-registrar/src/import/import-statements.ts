import type { Statement } from '../data/open-database.ts';

// $1 is the generation in those that write into `app` (E3). Ids are fixed when a row is
// staged, so that a piece can be moved again after a lost answer (E13).

const gate = 'gate as (select understudy.check_gate($1::bigint) as is_open)';

export const findImports: Statement = {
  name: 'find_imports',
  text: `
    select i.id, i.state, i.rows::float8 as rows,
           case when i.state = 'moving' then
             (select count(*) from understudy.staging s where s.import_id = i.id) else 0
           end::float8 as staged
      from app.imports i where i.id = $1 or ($1 is null and i.state <> 'done') order by i.id`,
};

export const beginImport: Statement = {
  name: 'begin_import',
  text: `
    with ${gate}
    insert into app.imports (id, name, rows, state)
    select $2, $3, 0, 'staging' from gate where gate.is_open`,
};

export const stageRows: Statement = {
  name: 'stage_rows',
  text: `
    insert into understudy.staging (import_id, line, value)
    select $1, line, value::jsonb from unnest($2::bigint[], $3::text[]) as t(line, value)`,
};

export const namesTaken: Statement = {
  name: 'names_taken',
  text: `
    select s.line::float8 as line, u.name
      from understudy.staging s join app.users u on u.name = s.value ->> 'name'
     where s.import_id = $1 order by s.line limit $2`,
};

export const setImportState: Statement = {
  name: 'set_import_state',
  text: `
    with ${gate}
    update app.imports set state = $3, rows = $4,
           done_at = case when $3 = 'done' then now() end
      from gate where gate.is_open and id = $2`,
};

export const movePiece: Statement = {
  name: 'move_piece',
  text: `
    with ${gate}, piece as materialized (
      select s.line, (s.value ->> 'id')::uuid as id, s.value
        from understudy.staging s cross join gate
       where gate.is_open and s.import_id = $2 and s.line > $3 order by s.line limit $4),
    moved as (
      insert into app.users
        (id, name, display_name, routing_group, import_id, created_at, changed_generation)
      select id, value ->> 'name', value ->> 'displayName', value ->> 'group', $2, now(), $1
        from piece on conflict (id) do nothing),
    secured as (
      insert into app.credentials (id, user_id, realm, algorithm, ha1)
      select c.id, piece.id, $5, c.algorithm, c.ha1
        from piece cross join lateral jsonb_to_recordset(value -> 'credentials')
             as c(id uuid, algorithm text, ha1 text)
      on conflict (id) do nothing)
    select count(*)::float8 as rows, max(line)::float8 as "lastLine" from piece`,
};

export const removePiece: Statement = {
  name: 'remove_piece',
  text: `
    with ${gate}, piece as materialized (
      select u.id from app.users u cross join gate
       where gate.is_open and u.import_id = $2 limit $3),
    gone as (delete from app.users u using piece where u.id = piece.id)
    select count(*)::float8 as rows from piece`,
};

/** Only an import that is not done, and of which no user is left. */
export const forgetImport: Statement = {
  name: 'forget_import',
  text: `
    with ${gate}
    delete from app.imports i using gate
     where gate.is_open and i.id = $2 and i.state <> 'done'`,
};

export const clearStaging: Statement = {
  name: 'clear_staging',
  text: 'delete from understudy.staging where import_id = $1',
};
