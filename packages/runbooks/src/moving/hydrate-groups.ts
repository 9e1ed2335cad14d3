import { counted, type MovesPlan, type PlannedHydration } from '@understudy/core';
import { defineStep, type RunContext } from '@understudy/runbook-engine';
import { titleOf } from '../title-of.ts';

/** Loads the users of each routing group where they are served now, each group named. */
export const hydrateGroups = defineStep<MovesPlan>({
  name: 'hydrate-groups',
  title: titleOf('hydrate-groups'),
  timeoutMs: ({ limits }) => 2 * limits.orderTimeoutMs,
  attemptsMax: 3,
  window: 'inside',
  async isDone(context) {
    const done = await Promise.all(
      context.plan.hydrations.map((each) => isHydrated(context, each)),
    );
    return done.includes(false) ? undefined : 'every routing group is hydrated';
  },
  async run(context) {
    const { hydrations } = context.plan;
    const counts = await Promise.all(hydrations.map((each) => hydrate(context, each)));
    const users = counts.reduce((sum, count) => sum + count, 0);
    const groups = hydrations.flatMap((each) => each.groups).length;
    return `${counted(users, 'user')} in ${counted(groups, 'routing group')}`;
  },
  undo: { none: 'users are served there by now; the way back is a switch of its own' },
});

async function hydrate(
  { agentOf, run, attempt, say }: RunContext<MovesPlan>,
  { pool, dataset, groups, server }: PlannedHydration,
): Promise<number> {
  const order = { kind: 'hydrate', run, attempt, pool, dataset, groups } as const;
  const { hydrated = [] } = await agentOf(server).obey(order);
  for (const { group, users } of hydrated) say(`${group}: ${counted(users, 'user')} on ${server}`);
  return hydrated.reduce((sum, { users }) => sum + users, 0);
}

async function isHydrated(
  { agentOf }: RunContext<MovesPlan>,
  { pool, groups, server }: PlannedHydration,
): Promise<boolean> {
  const { roles } = await agentOf(server).report();
  const serving = roles.flatMap(({ pools }) => pools.filter((each) => each.pool === pool));
  const loaded = new Set(serving.flatMap((each) => each.groups));
  return groups.every((group) => loaded.has(group));
}
