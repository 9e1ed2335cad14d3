-- What one voter keeps (decisions/0029): a record for each dataset of a group, and the group's
-- membership. A witness may vote for several deployments: the group names which.

create table votes.membership (
  group_id text primary key,
  generation bigint not null,
  value jsonb
);

create table votes.record (
  group_id text not null,
  dataset text not null,
  value jsonb not null,
  primary key (group_id, dataset)
);
