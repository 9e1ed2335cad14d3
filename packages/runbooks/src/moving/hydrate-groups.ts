import {
  counted,
  type MovesPlan,
  type OrderReport,
  type PlannedHydration,
  type ServerName,
} from '@understudy/core';
import { defineStep, type RunContext } from '@understudy/runbook-engine';
import { isDecided } from '../ask/look.ts';
import { titleOf } from '../title-of.ts';

/** Loads the users of each routing group where they are served now, each group named. */
export const hydrateGroups = defineStep<MovesPlan>({
  name: 'hydrate-groups',
  title: titleOf('hydrate-groups'),
  timeoutMs: ({ limits }) => 2 * limits.orderTimeoutMs,
  attemptsMax: 3,
  window: 'inside',
  async isDone(context) {
    const { moves, hydrations } = context.plan;
    // Where a dataset moves within its site, the groups were loaded by the same servers before.
    const decided = await Promise.all(moves.map((move) => isDecided(context, move)));
    if (decided.includes(false)) return undefined;
    const done = await Promise.all(hydrations.map((each) => isHydrated(context, each)));
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
  context: RunContext<MovesPlan>,
  { server, holder, ...hydration }: PlannedHydration,
): Promise<number> {
  const { agentOf, run, attempt, say } = context;
  const order = { kind: 'hydrate', run, attempt, ...hydration } as const;
  const loadedBy = (report: OrderReport, there: ServerName): number => {
    const { hydrated = [] } = report;
    for (const { group, users } of hydrated) say(`${group}: ${usersOn(users, there)}`);
    return hydrated.reduce((sum, { users }) => sum + users, 0);
  };
  if (holder === undefined) return loadedBy(await agentOf(server).obey(order), server);
  try {
    return loadedBy(await agentOf(server).obey({ ...order, holder }), server);
  } catch (error) {
    // A server that dies meanwhile holds nobody up: whoever holds the mount serves its groups.
    say(`${server} does not load its groups (${wordsOf(error)}); ${holder} does`);
    return loadedBy(await agentOf(holder).obey(order), holder);
  }
}

function usersOn(users: number, server: ServerName): string {
  return `${counted(users, 'user')} on ${server}`;
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function isHydrated(
  { agentOf }: RunContext<MovesPlan>,
  { pool, groups, server, holder }: PlannedHydration,
): Promise<boolean> {
  const asked = agentOf(server).report();
  // One that is silent has nothing loaded; the order to it finds out what to do.
  const report = await (holder === undefined ? asked : asked.catch(() => undefined));
  const roles = report?.roles ?? [];
  const serving = roles.flatMap(({ pools }) => pools.filter((each) => each.pool === pool));
  const loaded = new Set(serving.flatMap((each) => each.groups));
  return groups.every((group) => loaded.has(group));
}
