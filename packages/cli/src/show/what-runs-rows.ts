import type { DeploymentStatus } from '@understudy/api';
import { counted, type PoolName, poolRecordOf, type RoleReport } from '@understudy/core';
import { showVersion } from './amounts.ts';

/** What runs on a server, as scripts read it. */
export type Running = {
  readonly server: string;
  readonly name: string;
  readonly state: 'running' | 'down' | 'stopped' | 'unknown';
  readonly about: string;
};

/** The agent of each server, its stores and its roles. */
export function whatRuns(status: DeploymentStatus, server?: string): readonly Running[] {
  return status.topology.servers
    .filter(({ name }) => server === undefined || name === server)
    .flatMap(({ name }) => ofServer(status, name));
}

export function whatRunsRows(all: readonly Running[]): readonly (readonly string[])[] {
  const rows = all.map(({ server, name, state, about }) => [server, name, state, about]);
  return [['SERVER', 'SERVICE', 'STATE', 'ABOUT'], ...rows];
}

function ofServer(status: DeploymentStatus, server: string): readonly Running[] {
  const report = status.agents.find((each) => each.server === server);
  if (report === undefined) {
    const why = status.silent.find((each) => each.server === server)?.why ?? 'no answer';
    return [{ server, name: 'agent', state: 'unknown', about: why }];
  }
  const about = 'replication, failover, and starting the rest';
  return [
    { server, name: 'agent', state: 'running', about },
    ...report.stores.map(({ store, isUp, identity, error }): Running => {
      const version = showVersion(identity?.version);
      const why = error ?? 'no answer';
      return { server, name: store, state: isUp ? 'running' : 'down', about: isUp ? version : why };
    }),
    ...report.roles.map((role): Running => ({ server, ...ofRole(status, server, role) })),
  ];
}

function ofRole(
  status: DeploymentStatus,
  server: string,
  { role: name, isUp, stopped, pools }: RoleReport,
): Omit<Running, 'server'> {
  if (stopped !== undefined && !isUp) return { name, state: 'stopped', about: stopped };
  if (!isUp) return { name, state: 'down', about: 'does not answer; its agent starts it' };
  const serves = pools
    .filter(({ isServing }) => isServing)
    .map(({ pool, groups }) => `serves ${pool}, ${counted(groups.length, 'routing group')}`);
  const pointing = status.topology.pools
    .filter((pool) => pool.servers.some((each) => each === server))
    .flatMap((pool) => pointed(status, pool.name));
  const about = [...serves, ...pointing].join('; ') || 'serves nobody now';
  return { name, state: 'running', about };
}

/** A pool that is failed over is not served at home, whatever runs there. */
function pointed({ decisions }: DeploymentStatus, pool: PoolName): readonly string[] {
  const record = poolRecordOf(decisions, pool);
  if (record?.state !== 'failedOver') return [];
  return [`${pool} is FailedOver: points its users to ${record.serving}`];
}
