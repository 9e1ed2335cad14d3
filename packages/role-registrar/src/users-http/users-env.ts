import type { HttpBindings } from '@hono/node-server';
import type { RolePool } from '@understudy/core';
import type { Hono } from 'hono';
import type { KnownUser } from '../data/known-user.ts';
import type { ServedDataset } from '../limited/served-dataset.ts';

/** Who was found to ask, and the mount that answers. */
export type UserSession = {
  readonly user: KnownUser;
  readonly pool: RolePool;
  readonly mounted: ServedDataset;
};
export type UsersEnv = {
  Bindings: Partial<HttpBindings>;
  Variables: { session: UserSession };
};
export type UsersApp = Hono<UsersEnv>;
