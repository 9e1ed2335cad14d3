-- The loss ledger. It stands in the dataset, so it commits with what is merged (A2) and is
-- replicated: it outlives the copy that it was written on (decisions/0036).

-- One row for each database that was set aside.
create table app.salvages (
  id uuid primary key,
  store text not null,
  database text not null,
  -- The generation of its last mount: whose writes these are.
  generation bigint not null,
  way text not null check (way in ('tail', 'tables', 'nothing')),
  why text not null,
  begun_at timestamptz not null,
  -- All of it is in the ledger.
  completed_at timestamptz
);

-- One row for each change found there.
create table app.ledger (
  salvage uuid not null,
  generation bigint not null,
  commit_lsn pg_lsn not null,
  ordinal bigint not null,
  committed_at timestamptz,
  act text not null check (act in ('insert', 'update', 'delete')),
  table_name text not null,
  key text not null,
  outcome text not null check (outcome in ('merged', 'alreadyThere', 'conflict', 'refused')),
  why text not null,
  -- Rows as text by column.
  theirs jsonb,
  ours jsonb,
  -- The transaction that last wrote the merged row, on the store that merged it: what it wrote is
  -- no change of the active side.
  merged_xid text,
  resolved_by text,
  resolved_at timestamptz,
  resolution text,
  primary key (salvage, commit_lsn, ordinal)
);
create index ledger_row on app.ledger (salvage, table_name, key);
create index ledger_open on app.ledger (salvage)
  where outcome in ('conflict', 'refused') and resolved_at is null;

-- The number of the transaction that stored the origin position: whatever applied a change of the
-- former active copy has a lower one (E9), whatever this side wrote since has a higher one.
alter table understudy.copy add column origin_xid xid8;
