import type { Command } from 'commander';
import type { CliFrame } from '../../cli-context.ts';
import { addPoolDns } from './pool-dns.ts';
import { addPoolFailback } from './pool-failback.ts';
import { addPoolFailover } from './pool-failover.ts';
import { addPoolList } from './pool-list.ts';
import { addPoolSetState } from './pool-set-state.ts';
import { addPoolShow } from './pool-show.ts';

export function addPoolCommands(program: Command, frame: CliFrame): void {
  const pool = program
    .command('pool')
    .helpCommand(false)
    .description('pools: who serves whose users');
  const reading = [addPoolList, addPoolShow, addPoolDns];
  for (const add of [...reading, addPoolFailover, addPoolFailback, addPoolSetState]) {
    add(pool, frame);
  }
}
