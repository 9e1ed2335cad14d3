import type { StoreName } from '@understudy/core';
import { openDatabases } from '../connect/databases.ts';
import { examineControl } from './open-control-database.ts';
import type { StoreOwner } from './store-owner.ts';

/**
 * Looks whether `owner` can use a store, before anything is made there. Throws EngineRefusedError
 * with all that is wrong, StoreDownError where it does not answer. Changes nothing.
 */
export async function examineStore(asked: {
  readonly store: StoreName;
  /** Administrator's URL. Secret. */
  readonly adminUrl: string;
  readonly owner: StoreOwner;
}): Promise<void> {
  const { store, adminUrl, owner } = asked;
  await using databases = openDatabases({ store, url: adminUrl });
  await examineControl(databases, { store, owner });
}
