-- The control database of a store: decisions, runs and their journal, what is known of others.

create schema control;

create table control.decision (
  subject text primary key,
  generation bigint not null,
  value jsonb not null
);

create table control.run (
  id text primary key,
  attempt integer not null,
  value jsonb not null
);

create table control.journal (
  run text not null,
  attempt integer not null,
  number integer not null,
  value jsonb not null,
  primary key (run, attempt, number)
);

create table control.identity (
  store text primary key,
  value jsonb not null
);

-- The highest attempt of each run that agents of this store have obeyed (E14).
create table control.obeyed (
  run text primary key,
  attempt integer not null
);
