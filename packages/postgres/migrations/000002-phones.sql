-- Where the users' phones can be reached, and what waits for them.
--
-- A binding is what REGISTER leaves behind (RFC 3261, section 10). A registration is data like
-- any other, so that after a failover calls and messages route to phones that have not noticed.
create table app.bindings (
  id uuid primary key,
  user_id uuid not null references app.users (id) on delete cascade,
  -- The contact's URI as the phone gave it.
  contact text not null,
  -- RFC 5626, section 4.1: which phone this is, and which of its connections.
  instance text,
  reg_id bigint,
  -- Thousandths (RFC 3261, section 20.10).
  q integer not null check (q between 0 and 1000),
  -- Route of requests to the contact, first hop first (RFC 3327).
  path jsonb not null,
  -- Transport and address that the REGISTER came from: the way through the phone's NAT.
  source text not null,
  call_id text not null,
  cseq bigint not null,
  user_agent text not null default '',
  expires_at timestamptz not null
);
create index bindings_user_id on app.bindings (user_id);
create index bindings_expires_at on app.bindings (expires_at);

-- Who sent it, where that is no user of this dataset.
alter table app.messages add column from_uri text;

-- Messages of the mailbox that no phone has taken yet: sent again when their user signs in, until
-- they were taken or have expired (RFC 3428, section 7).
create table app.undelivered (
  message_id uuid primary key references app.messages (id) on delete cascade,
  user_id uuid not null references app.users (id) on delete cascade,
  content_type text not null,
  expires_at timestamptz not null
);
create index undelivered_user_id on app.undelivered (user_id);
create index undelivered_expires_at on app.undelivered (expires_at);
