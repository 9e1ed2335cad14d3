-- Which store this is: two servers that ask one voter by name see whether they ask the same.

create table votes.identity (
  is_only boolean primary key check (is_only),
  id uuid not null
);

insert into votes.identity values (true, gen_random_uuid());
