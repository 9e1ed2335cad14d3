-- Whose store this is: written once, by the first deployment that used it.

create table control.owner (
  is_only boolean primary key default true check (is_only),
  deployment text not null,
  name text not null,
  store text not null,
  place text not null,
  since timestamptz not null default now()
);
