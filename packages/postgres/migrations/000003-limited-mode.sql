-- What users of a pool in limited mode leave behind at its backup pool (decisions/0034). The first
-- two tables are about users of another dataset, so nothing refers to them; what stands there waits
-- until the dataset of `pool` is mounted somewhere, is applied to it and is removed here.

-- Phones that signed in here, and removals of those that had signed in at home. `changed` is new
-- with each change: what is taken over is removed only if it is still the same.
create table app.guest_bindings (
  id uuid primary key,
  pool text not null,
  changed uuid not null,
  is_removed boolean not null,
  user_id uuid not null,
  contact text not null,
  instance text,
  reg_id bigint,
  q integer not null check (q between 0 and 1000),
  path jsonb not null,
  source text not null,
  call_id text not null,
  cseq bigint not null,
  user_agent text not null default '',
  expires_at timestamptz not null
);
create index guest_bindings_user on app.guest_bindings (pool, user_id);
create index guest_bindings_expires_at on app.guest_bindings (expires_at);

-- Lasting changes, in one order for each pool: place within generation. One order for all of its
-- users keeps that of each user and that of each mailbox alike.
create table app.queued_changes (
  id uuid primary key,
  pool text not null,
  generation bigint not null,
  place bigint not null,
  -- Whose change it is.
  user_id uuid not null,
  kind text not null,
  body jsonb not null,
  queued_at timestamptz not null
);
create index queued_changes_order on app.queued_changes (pool, generation, place);
create index queued_changes_user on app.queued_changes (pool, user_id, generation, place);

-- In the dataset that the changes are about: what became of each, written with it. It is kept for
-- longer than a change can stay in a queue, so that none is ever applied twice.
create table app.applied_changes (
  id uuid primary key,
  user_id uuid not null,
  kind text not null,
  -- Why it could not be applied; null: it was.
  refused text,
  queued_at timestamptz not null,
  applied_at timestamptz not null,
  expires_at timestamptz not null
);
create index applied_changes_user on app.applied_changes (user_id, applied_at);
create index applied_changes_expires_at on app.applied_changes (expires_at);
