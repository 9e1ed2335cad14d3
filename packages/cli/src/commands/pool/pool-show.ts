import type { DeploymentStatus } from '@understudy/api';
import { poolRecordOf } from '@understudy/core';
import type { Command } from 'commander';
import { acting, type CliFrame } from '../../cli-context.ts';
import { findNamed } from '../../find-named.ts';
import { limitedServers, poolLines, servingServers } from '../../show/pool-rows.ts';

export function addPoolShow(pool: Command, frame: CliFrame): void {
  pool
    .command('show')
    .description('one pool')
    .argument('<pool>')
    .action(
      acting<[string, object]>(frame, async (context, name) => {
        const status = await (await context.connect()).status();
        const found = findNamed('pool', name, status.topology.pools);
        return { json: describePool(status, found), lines: poolLines(status, found) };
      }),
    );
}

/** A pool as scripts read it. */
export function describePool(
  status: DeploymentStatus,
  pool: DeploymentStatus['topology']['pools'][number],
) {
  return {
    ...pool,
    record: poolRecordOf(status.decisions, pool.name),
    servedBy: servingServers(status, pool.name),
    limited: limitedServers(status, pool.name),
  };
}
