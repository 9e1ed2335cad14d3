import { defaultLimits } from '@understudy/core';
import { systemClock } from '@understudy/ports/system';
import type { Databases, Session } from '../connect/databases.ts';
import type { EngineParts } from '../connect/engine-parts.ts';
import { copyMigrations } from '../migrate/copy-migrations.ts';
import type { Side } from './two-stores.ts';

/** The engine's parts on `side`, in a process that dies after so many statements of a session. */
export function cutOff(
  side: Side,
  { statements, sources }: { readonly statements: number; readonly sources: readonly Side[] },
): EngineParts {
  const { store, databases } = side;
  const dying = (session: Session): Session => {
    let count = 0;
    return {
      ...session,
      query: (sql, values) => {
        count += 1;
        if (count > statements) throw new Error('the agent dies');
        return session.query(sql, values);
      },
    };
  };
  const urlOf = (name: string): string =>
    [side, ...sources].find((each) => each.store === name)?.server.url('postgres') ?? '';
  const cut: Databases = {
    ...databases,
    session: (target, work) => databases.session(target, (session) => work(dying(session))),
  };
  return {
    store,
    databases: cut,
    adminUrl: urlOf(store),
    urlOf,
    secret: 'a secret of tests',
    clock: systemClock,
    log: { say: () => {} },
    limits: defaultLimits,
    migrations: copyMigrations,
  };
}
