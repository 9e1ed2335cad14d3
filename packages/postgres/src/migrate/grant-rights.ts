import { identifier } from '../connect/sql-text.ts';
import { databaseUsers } from '../connect/database-user.ts';

const { role, reader, replication } = databaseUsers;

/**
 * The rights of the three database users, granted again after each migration: new tables have none.
 * Followers may connect from the copy's birth on, and a migration does not let in whom it refuses
 * (E10). Roles touch neither gate nor markers; TRUNCATE is nobody's (E8).
 */
export function grantRightsSql(database: string): string {
  const name = identifier(database);
  return `
    REVOKE ALL ON DATABASE ${name} FROM PUBLIC;
    GRANT CONNECT ON DATABASE ${name} TO ${role}, ${reader};
    REVOKE ALL ON SCHEMA public FROM PUBLIC;
    REVOKE ALL ON ALL FUNCTIONS IN SCHEMA understudy FROM PUBLIC;
    GRANT USAGE ON SCHEMA app, understudy TO ${role}, ${reader}, ${replication};
    GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA app TO ${role};
    REVOKE INSERT, UPDATE, DELETE
      ON app.heartbeat, app.fence_marker, app.verify_marker, app.salvages, app.ledger FROM ${role};
    GRANT SELECT, INSERT, UPDATE, DELETE ON understudy.staging TO ${role};
    GRANT SELECT ON understudy.visible_users TO ${role}, ${reader};
    GRANT EXECUTE ON FUNCTION understudy.check_gate(bigint) TO ${role}, ${replication};
    GRANT SELECT ON ALL TABLES IN SCHEMA app TO ${reader}, ${replication};
    GRANT INSERT, UPDATE ON app.verify_marker TO ${replication};
    GRANT SELECT ON understudy.copy, understudy.link, understudy.migrations TO ${replication};
    GRANT EXECUTE ON FUNCTION understudy.publish(text, text, text, bigint) TO ${replication};
    GRANT EXECUTE ON FUNCTION understudy.tables_hash() TO ${replication}`;
}
