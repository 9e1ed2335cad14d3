import type { PoolPlan, RolesOrder, ServerName } from '@understudy/core';
import type { AgentClient } from '@understudy/ports';
import { defineStep, type RunContext, type Step } from '@understudy/runbook-engine';
import { whenAllDecided } from '../ask/look.ts';
import { titleOf } from '../title-of.ts';

/** Failback: the services at home are started, one server after the other, before anybody waits. */
export const startServices: Step<PoolPlan> = defineStep<PoolPlan>({
  name: 'start-services',
  title: titleOf('start-services'),
  timeoutMs: ({ limits }) => 3 * limits.orderTimeoutMs,
  attemptsMax: 2,
  isDone: whenAllDecided,
  async run(context) {
    const { plan, agentOf, run, attempt, say } = context;
    const needed = new Set(plan.hydrations.map(({ server, holder }) => holder ?? server));
    const started: ServerName[] = [];
    for (const server of plan.to.servers) {
      const order = { kind: 'roles', run, attempt, pool: plan.pool, act: 'start' } as const;
      const work = (agent: AgentClient) => agent.obey(order);
      // Another server of the pool that is off has its groups when it is back.
      const report = needed.has(server)
        ? await work(agentOf(server))
        : await context.reach.ask(server, work, plan.limits.orderTimeoutMs);
      say(`${server}: ${report?.why ?? 'it does not answer; others of its pool serve'}`);
      if (report !== undefined) started.push(server);
    }
    return `services run on ${started.join(', ')}`;
  },
  // A pool that is failed over stays so when its services run: they point users to the backup.
  undo: async () => 'the services stay up and point users to the backup',
});

/** What the old side's registrar holds in memory is thrown away: it was true before the move. */
export const resetRegistrar: Step<PoolPlan> = afterTheMove('reset-registrar', 'reset');

/** The old pool's services end; its registrar stays up as a redirector, its store follows. */
export const stopServices: Step<PoolPlan> = afterTheMove('stop-services', 'stop');

/** Cannot be seen from outside, is harmless to repeat, and no user waits for it. */
function afterTheMove(name: string, act: RolesOrder['act']): Step<PoolPlan> {
  return defineStep<PoolPlan>({
    name,
    title: titleOf(name),
    timeoutMs: ({ limits }) => 2 * limits.orderTimeoutMs,
    attemptsMax: 3,
    isDone: async () => undefined,
    async run(context) {
      const { servers } = context.plan.from;
      const told = await Promise.all(servers.map((server) => orderRoles(context, server, act)));
      return told.join('; ');
    },
    undo: { none: 'the users are served by the other pool' },
  });
}

async function orderRoles(
  { reach, run, attempt, plan }: RunContext<PoolPlan>,
  server: ServerName,
  act: RolesOrder['act'],
): Promise<string> {
  const order = { kind: 'roles', run, attempt, pool: plan.pool, act } as const;
  const bound = plan.limits.orderTimeoutMs;
  const report = await reach.ask(server, (agent) => agent.obey(order), bound);
  return `${server}: ${report?.why ?? 'it does not answer; it sees the state when it returns'}`;
}
