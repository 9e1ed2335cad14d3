import type { Command } from 'commander';
import { acting, type CliFrame } from '../../cli-context.ts';
import { poolRows } from '../../show/pool-rows.ts';
import { table } from '../../show/table.ts';
import { describePool } from './pool-show.ts';

export function addPoolList(pool: Command, frame: CliFrame): void {
  pool
    .command('list')
    .description('all pools')
    .action(
      acting<[object]>(frame, async (context) => {
        const status = await (await context.connect()).status();
        const pools = status.topology.pools.map((each) => describePool(status, each));
        return { json: { pools }, lines: table(poolRows(status)) };
      }),
    );
}
