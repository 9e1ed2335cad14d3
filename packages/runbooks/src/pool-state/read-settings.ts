import {
  counted,
  type AgentReport,
  activeRecordOf,
  type PoolPlan,
  poolRecordOf,
  type ServerName,
  showGeneration,
} from '@understudy/core';
import { defineStep, NothingDoneError, type RunContext, seconds } from '@understudy/runbook-engine';
import { refuseGone, whenAllDecided } from '../ask/look.ts';
import { titleOf } from '../title-of.ts';

/** Looks whether the world is still the one that was planned for. */
export const readSettings = defineStep<PoolPlan>({
  name: 'read-settings',
  title: titleOf('read-settings'),
  timeoutMs: () => seconds(30),
  attemptsMax: 2,
  isDone: whenAllDecided,
  async run(context) {
    const { plan } = context;
    const needed = neededServers(plan);
    const reports = await Promise.all(needed.map((server) => readReport(context, server)));
    const asked =
      plan.mode === 'forced' ? [] : plan.servers.filter((each) => !needed.includes(each));
    const others = await Promise.all(
      asked.map((server) => context.reach.ask(server, (agent) => agent.report())),
    );
    const heard = [...reports, ...others].filter((report) => report !== undefined);
    for (const report of heard) refuseOutdated(context, report);
    await refuseGone(context, heard);
    const groups = plan.hydrations.flatMap((each) => each.groups).length;
    const moves = `${counted(plan.moves.length, 'dataset')} to move`;
    return (
      `pool ${plan.pool}: ${moves}, ${counted(groups, 'routing group')}, ` +
      `from ${plan.from.pool} to ${plan.to.pool}`
    );
  },
  undo: async () => 'nothing was changed',
});

/**
 * Whoever must act in it. A further copy moves along if it can, and so does a server that shares a
 * pool: it does not stay where it is because a third server is off.
 */
function neededServers({ mode, leader, from, to, moves }: PoolPlan): readonly ServerName[] {
  if (mode === 'forced') return [leader];
  const places = moves.flatMap((move) => [move.from.server, move.to.server]);
  // Where nothing seems to move, whoever served before may know better.
  const sides = moves.length === 0 ? [...from.servers, ...to.servers] : [];
  return [...new Set([leader, ...sides, ...places])];
}

function readReport({ agentOf }: RunContext<PoolPlan>, server: ServerName): Promise<AgentReport> {
  return agentOf(server).report();
}

function refuseOutdated(
  { plan, run }: RunContext<PoolPlan>,
  { server, topologyHash, decisions }: AgentReport,
): void {
  if (topologyHash !== plan.topologyHash) {
    throw new NothingDoneError(`${server} has another topology file than the plan; plan again`);
  }
  const { current } = plan.records;
  const pool = poolRecordOf(decisions, plan.pool);
  const isNewer = (pool?.generation ?? 0) > (current?.generation ?? 0);
  // Another run may have taken the very number that this one planned with.
  const isOwn = pool?.run === run;
  if (isNewer && !isOwn) {
    throw new NothingDoneError(`the state of pool ${plan.pool} has changed since; plan again`);
  }
  for (const move of plan.moves) {
    const record = activeRecordOf(decisions, move.dataset);
    if (record === undefined || record.generation <= move.current.generation) continue;
    if (record.since === move.next.since) continue; // Decided by an earlier attempt.
    throw new NothingDoneError(
      `${move.dataset} has generation ${showGeneration(record.generation)} on ${server} since; ` +
        'plan again',
    );
  }
}
