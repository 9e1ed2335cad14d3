-- V7: writes that wait for a synchronous copy. The link whose follower has to have each of them on
-- disk stands in the gate's row, so a new mount waits for nobody until it is told to.
alter table understudy.gate add column waits_for text;

-- Asked for by the transaction itself and decided in its COMMIT: a session need not know, and
-- whatever else commits on this store (control database, other datasets) waits for nobody. `on`
-- waits until the follower has flushed what it applied; with remote_apply it would be enough that
-- it shows it (send_feedback in worker.c reports the two apart). The rows that agents write
-- themselves say nothing to users, and must not stop with the copy.
create or replace function understudy.check_gate_at_commit() returns trigger
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  expected text := current_setting('understudy.generation', true);
begin
  if expected is null or expected = '' then
    raise exception 'a write to %.% without a check of the gate', tg_table_schema, tg_table_name
      using errcode = 'US001', hint = 'Begin with SELECT understudy.check_gate(generation).';
  end if;
  perform understudy.check_gate(expected::bigint);
  if tg_table_name not in ('heartbeat', 'verify_marker')
     and exists (select from understudy.gate where waits_for is not null) then
    perform set_config('synchronous_commit', 'on', true);
  end if;
  return null;
end
$$;
