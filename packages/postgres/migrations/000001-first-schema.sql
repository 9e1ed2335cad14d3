-- The first schema of a copy. Schema `app` is replicated, table by table, by logical replication;
-- schema `understudy` is local to the copy. Rule numbers (E1, V3) are those of the safety rules.
--
-- What every table of `app` keeps to:
--   * a primary key (logical replication finds rows by it), no sequences (they do not replicate);
--   * a gate trigger and a refusal of TRUNCATE: `understudy.guard_tables()` adds both after each
--     migration, `understudy.grant_rights()` the rights of the two database users.

create schema app;

create table app.imports (
  id uuid primary key,
  name text not null,
  rows bigint not null,
  state text not null check (state in ('staging', 'moving', 'done')),
  done_at timestamptz
);

create table app.users (
  id uuid primary key,
  name text not null unique,
  display_name text not null default '',
  routing_group text not null,
  -- Set for users that came with an import: they show when the import's row says done, all at once.
  import_id uuid references app.imports (id) on delete cascade,
  created_at timestamptz not null,
  changed_generation bigint not null
);
create index users_routing_group on app.users (routing_group);
create index users_import_id on app.users (import_id) where import_id is not null;

create table app.credentials (
  id uuid primary key,
  user_id uuid not null references app.users (id) on delete cascade,
  realm text not null,
  algorithm text not null,
  ha1 text not null,
  unique (user_id, realm, algorithm)
);

create table app.contact_groups (
  id uuid primary key,
  user_id uuid not null references app.users (id) on delete cascade,
  name text not null
);
create index contact_groups_user_id on app.contact_groups (user_id);

create table app.contacts (
  id uuid primary key,
  user_id uuid not null references app.users (id) on delete cascade,
  group_id uuid references app.contact_groups (id) on delete set null,
  uri text not null,
  display_name text not null default ''
);
create index contacts_user_id on app.contacts (user_id);
create index contacts_group_id on app.contacts (group_id) where group_id is not null;

create table app.settings (
  id uuid primary key,
  user_id uuid not null references app.users (id) on delete cascade,
  key text not null,
  value jsonb not null,
  unique (user_id, key)
);

-- Append-only. `place` and `generation` order a mailbox (E13): a row, not a sequence, counts.
create table app.messages (
  id uuid primary key,
  from_user uuid not null,
  to_user uuid not null,
  body text not null,
  sent_at timestamptz not null,
  place bigint not null,
  generation bigint not null
);
create index messages_mailbox on app.messages (to_user, generation, place);

-- One row each, written by agents. The row is replaced, so nothing grows.
create table app.heartbeat (
  only_row boolean primary key default true check (only_row),
  generation bigint not null,
  number bigint not null,
  writes bigint not null,
  tables_hash text not null,
  migration integer not null
);

create table app.fence_marker (
  only_row boolean primary key default true check (only_row),
  dataset text not null,
  generation bigint not null,
  run text not null,
  attempt integer not null,
  tables_hash text not null,
  migration integer not null
);

create table app.verify_marker (
  only_row boolean primary key default true check (only_row),
  token uuid not null
);

-- What this copy is and has done: one row, made with the copy.
create table understudy.copy (
  only_row boolean primary key default true check (only_row),
  dataset text not null,
  id uuid not null,
  store text not null,
  generation_seen bigint not null default 0,
  mounted_generation bigint not null default 0,
  -- False from the begin of a seed until a detach finds all tables copied: half a copy is never
  -- mounted, nor made to follow without copying.
  is_whole boolean not null,
  -- Set by a fence for a hand-over, cleared by the next mount.
  handed_over_generation bigint,
  handed_over_run text,
  handed_over_attempt integer,
  handed_over_target text,
  handed_over_lsn pg_lsn,
  -- The position reached at the last detach (A1), and the link it belongs to.
  origin_from text,
  origin_generation bigint,
  origin_lsn pg_lsn,
  origin_link text,
  -- The attempt of the last marker waited for; its commit flushes all that was applied before it.
  awaited_run text,
  awaited_attempt integer
);

-- E5: unlogged. A crash recovery empties it while the postmaster's start time stays, a restart
-- changes the start time while the row stays; together they see every restart.
create unlogged table understudy.gate (
  only_row boolean primary key default true check (only_row),
  generation bigint not null,
  holder text not null,
  valid_until_ms bigint not null,
  postmaster_started timestamptz not null
);

-- The links of this copy in either direction, by the name of their slot, publication, subscription.
create table understudy.link (
  name text primary key,
  from_store text not null,
  to_store text not null,
  since bigint not null,
  -- A standing slot's position here, kept beside the slot: a slot that was advanced comes back
  -- with its old position after a crash (documentation of pg_replication_slot_advance).
  standing_lsn pg_lsn,
  -- Mounted since: what lies behind the position is the follower's, never to be skipped.
  is_frozen boolean not null default false
);

create table understudy.verification (
  only_row boolean primary key default true check (only_row),
  -- The marker that the apply waits at; one that is left over from a broken verify passes.
  token uuid,
  result jsonb
);

-- Bulk imports land here first and move over in pieces; not replicated.
create table understudy.staging (
  import_id uuid not null,
  line bigint not null,
  value jsonb not null,
  primary key (import_id, line)
);

create view understudy.visible_users as
  select users.*
    from app.users
    left join app.imports on imports.id = users.import_id
   where users.import_id is null or imports.state = 'done';

-- V3: milliseconds since boot, suspend included, where this server may read them (our own stores);
-- elsewhere the wall clock, whose backward steps the agent watches for.
do $make_clock$
declare
  can_read_boot boolean := true;
begin
  begin
    perform split_part(pg_read_file('/proc/uptime', 0, 64), ' ', 1)::numeric;
  exception when others then
    can_read_boot := false;
  end;
  execute format(
    'create function understudy.clock_ms() returns bigint language sql volatile '
    'security definer set search_path = pg_catalog, pg_temp as %L',
    case when can_read_boot
      then 'select (split_part(pg_read_file(''/proc/uptime'', 0, 64), '' '', 1)::numeric'
           ' * 1000)::bigint'
      else 'select (extract(epoch from clock_timestamp()) * 1000)::bigint'
    end
  );
end
$make_clock$;

-- E3: the gate check. VOLATILE, so that each query in it sees what was committed when it began:
-- a STABLE function, or REPEATABLE READ, would read the gate as it was before the lock was had.
-- The shared lock is held to the end of the transaction; a fence takes it alone.
create function understudy.check_gate(expected bigint) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  gate understudy.gate;
begin
  if current_setting('transaction_isolation') <> 'read committed' then
    raise exception 'a write must be READ COMMITTED, not %',
      current_setting('transaction_isolation')
      using errcode = 'US002', hint = 'Begin the transaction with ISOLATION LEVEL READ COMMITTED.';
  end if;
  perform pg_advisory_xact_lock_shared(21331, 1);
  select * into gate from understudy.gate;
  if expected is null or gate.generation is distinct from expected
     or gate.valid_until_ms <= understudy.clock_ms()
     or gate.postmaster_started <> pg_postmaster_start_time() then
    raise exception 'the gate of this copy is shut for generation %',
      coalesce(expected::text, 'null')
      using errcode = 'US001', hint = 'Ask the agent where the dataset is mounted; write there.';
  end if;
  perform set_config('understudy.generation', expected::text, true);
  return true;
end
$$;

-- E4: once more inside COMMIT. Apply workers do not fire it (session_replication_role = replica).
create function understudy.check_gate_at_commit() returns trigger
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  expected text := current_setting('understudy.generation', true);
begin
  if expected is null or expected = '' then
    raise exception 'a write to %.% without a check of the gate', tg_table_schema, tg_table_name
      using errcode = 'US001', hint = 'Begin with SELECT understudy.check_gate(generation).';
  end if;
  perform understudy.check_gate(expected::bigint);
  return null;
end
$$;

-- E2, E8: a TRUNCATE passes row triggers by and would empty every follower.
create function understudy.refuse_truncate() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  raise exception 'TRUNCATE of %.% is not allowed', tg_table_schema, tg_table_name
    using errcode = 'US003', hint = 'Delete the rows.';
end
$$;

-- E11: holds the apply at the marker of the verify that is going on here, and no other.
create function understudy.hold_at_verify() returns trigger
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  if exists (select from understudy.verification where token = new.token) then
    perform pg_advisory_xact_lock_shared(21331, 2);
  end if;
  return null;
end
$$;
create trigger hold_at_verify after insert or update on app.verify_marker
  for each row execute function understudy.hold_at_verify();
alter table app.verify_marker enable replica trigger hold_at_verify;

-- Run after each migration: no table of `app` is without its guards.
create function understudy.guard_tables() returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  guarded regclass;
begin
  for guarded in
    select c.oid::regclass from pg_class c
     where c.relnamespace = 'app'::regnamespace and c.relkind = 'r'
       and not exists (select from pg_trigger t
                        where t.tgrelid = c.oid and t.tgname = 'refuse_truncate')
  loop
    execute format('create trigger refuse_truncate before truncate on %s '
      'for each statement execute function understudy.refuse_truncate()', guarded);
    -- The fence marker is written when the gate is shut, and by agents only.
    if guarded <> 'app.fence_marker'::regclass then
      execute format('create constraint trigger check_gate_at_commit '
        'after insert or update or delete on %s deferrable initially deferred '
        'for each row execute function understudy.check_gate_at_commit()', guarded);
    end if;
  end loop;
end
$$;

-- E8: a fingerprint of what is subscribed here; else of what is published; else of all tables.
-- Publications that differ from each other give one that equals no copy's.
create function understudy.tables_hash() returns text
language sql stable set search_path = pg_catalog, pg_temp as $$
  with named as (
    select c.oid, 'app.' || c.relname as name
      from pg_class c where c.relnamespace = 'app'::regnamespace and c.relkind = 'r'
  ), subscribed as (
    select string_agg(named.name, ',' order by named.name collate "C") as list
      from pg_subscription s
      join pg_subscription_rel r on r.srsubid = s.oid
      join named on named.oid = r.srrelid
     where s.subdbid = (select oid from pg_database where datname = current_database())
  ), each_published as (
    select string_agg(named.name, ',' order by named.name collate "C") as list
      from pg_publication p
      join pg_publication_rel r on r.prpubid = p.oid
      join named on named.oid = r.prrelid
     where p.pubname like 'us\_%'
     group by p.oid
  ), published as (
    select string_agg(distinct each_published.list, '|') as list from each_published
  ), everything as (
    select string_agg(named.name, ',' order by named.name collate "C") as list from named
  )
  select left(encode(sha256(convert_to(
           coalesce(subscribed.list, published.list, everything.list), 'UTF8')), 'hex'), 16)
    from subscribed, published, everything
$$;

-- E7: the publication, which must stand before its slot. Called by the follower's store too.
create function understudy.publish(link text, from_store text, to_store text, since bigint)
returns void language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  tables text;
begin
  perform pg_advisory_xact_lock(21331, 3);
  insert into understudy.link (name, from_store, to_store, since)
    values (link, from_store, to_store, since) on conflict do nothing;
  if not exists (select from pg_publication where pubname = link) then
    select string_agg(format('app.%I', relname), ', ') into tables
      from pg_class where relnamespace = 'app'::regnamespace and relkind = 'r';
    execute format('create publication %I for table %s', link, tables);
  end if;
end
$$;
