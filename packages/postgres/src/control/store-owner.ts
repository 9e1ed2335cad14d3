import { createHmac } from 'node:crypto';
import { hostname } from 'node:os';
import type { StoreName } from '@understudy/core';
import { EngineRefusedError } from '@understudy/ports';
import type { Session } from '../connect/databases.ts';

// O1. A PostgreSQL server belongs to one deployment, as one store: its `control` database says to
//     which. Another deployment would take its decisions for its own and change the passwords of
//     its database users (decisions/0006).
// O2. Nothing of a store is touched before it is known to be one's own.

/** Who uses a store. */
export type StoreOwner = {
  /** Names the deployment without telling its secret. */
  readonly deployment: string;
  /** The deployment's name in the topology, for people. */
  readonly name: string;
  /** Machine and folder of whoever uses it, for people. */
  readonly place: string;
};

/** What a deployment folder claims stores as; without a secret it is about to be made. */
export function storeOwner(deployment: {
  readonly secret: string | undefined;
  readonly name: string;
  readonly dataDir: string;
}): StoreOwner {
  const { secret, name, dataDir } = deployment;
  const id = secret === undefined ? 'new' : deploymentIdOf(secret);
  return { deployment: id, name, place: `${hostname()}:${dataDir}` };
}

/** The same for every server of a deployment, for they share its secret; it tells nothing of it. */
function deploymentIdOf(secret: string): string {
  return createHmac('sha256', secret).update('deployment').digest('hex').slice(0, 16);
}

const readSql = `SELECT deployment, name, store, place,
    to_char(since AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS since FROM control.owner`;

type OwnerRow = StoreOwner & { readonly store: string; readonly since: string };
type Claim = { readonly store: StoreName; readonly owner: StoreOwner };

/** Writes the claimant as owner where there is none; throws EngineRefusedError for another's. */
export async function claimStore(session: Session, claim: Claim): Promise<void> {
  const { deployment, name, place } = claim.owner;
  await session.query(
    `INSERT INTO control.owner (deployment, name, store, place) VALUES ($1, $2, $3, $4)
     ON CONFLICT DO NOTHING`,
    [deployment, name, claim.store, place],
  );
  await refuseOtherOwner(session, claim);
}

/** Throws EngineRefusedError when the store is another deployment's, or another of its stores. */
export async function refuseOtherOwner(session: Session, claim: Claim): Promise<void> {
  const [row] = await session.query<OwnerRow>(readSql);
  if (row === undefined) return;
  const why = otherOwner(row, claim);
  if (why !== undefined) throw new EngineRefusedError(why);
}

function otherOwner(row: OwnerRow, { store, owner }: Claim): string | undefined {
  if (row.deployment !== owner.deployment) {
    return (
      `store ${store}: this PostgreSQL belongs to another deployment, ${row.name} (id ` +
      `${row.deployment}, of ${row.place}, as its store ${row.store} since ${row.since}; ours is ` +
      `${owner.deployment}): give the store a PostgreSQL of its own; or, if this is a further ` +
      `server of that deployment, copy its file secret here; or, if that deployment is gone for ` +
      'good, drop its databases, control among them'
    );
  }
  if (row.store === store) return undefined;
  return (
    `store ${store}: this PostgreSQL is store ${row.store} of this same deployment: give each ` +
    'store a PostgreSQL of its own, and a store that was renamed its old name again'
  );
}
