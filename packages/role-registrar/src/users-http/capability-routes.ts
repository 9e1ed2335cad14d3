import { capabilitiesQuery } from '@understudy/api';
import { capabilityNames, type RolePool, type ServiceLevel, services } from '@understudy/core';
import type { Context } from 'hono';
import { takesChanges } from '../data/mounted-dataset.ts';
import type { ServedDataset } from '../limited/served-dataset.ts';
import { notServing } from '../problem.ts';
import type { Registrar } from '../registrar.ts';
import { check } from './read-body.ts';
import type { UsersApp, UsersEnv } from './users-env.ts';

/** How a pool's users are served at this moment. */
export function serviceLevelOf(pool: RolePool, { limited }: ServedDataset): ServiceLevel {
  if (limited !== undefined) return limited.state === 'on' ? 'limited' : 'returning';
  if (!takesChanges(pool)) return 'moving';
  return pool.isMerging === true ? 'merging' : 'full';
}

/** `?after=LEVEL` waits, for `waitMs` at most, until it is another one. */
export function addCapabilityRoutes(app: UsersApp, registrar: Registrar): void {
  app.get('/v1/me/capabilities', async (c) => {
    const { after, waitMs } = check(capabilitiesQuery, c.req.query(), 'query');
    const untilMs = registrar.options.bootMs() + waitMs;
    // Ends at the time that was asked for: every turn waits for a word of the agent, or for that.
    for (;;) {
      const now = lookNow(c, registrar);
      const leftMs = untilMs - registrar.options.bootMs();
      if (now.service !== after || leftMs <= 0) return c.json(now);
      await registrar.nextWord(Math.min(leftMs, lookEveryMs));
    }
  });
}

/** Also without a word of the agent: what ends by its deadline is seen. */
const lookEveryMs = 1_000;

function lookNow(c: Context<UsersEnv>, registrar: Registrar) {
  const name = c.var.session.pool.pool;
  const pool = registrar.pools().find((each) => each.pool === name);
  const served = registrar.served(name);
  if (pool === undefined || served === undefined) {
    throw notServing(`pool ${name} is not served on this server any more`);
  }
  const service = serviceLevelOf(pool, served);
  const { until, capabilities } = services[service];
  const { limited } = served;
  return {
    pool: name,
    service,
    until,
    ...(limited !== undefined && {
      why: limited.why,
      since: new Date(limited.sinceMs).toISOString(),
    }),
    capabilities: capabilityNames.map((each) => ({ name: each, ...capabilities[each] })),
  };
}
