import type { GroupChangeBody, OperatorClient } from '@understudy/api';
import { asServer, asSite } from '@understudy/core';
import type { Command } from 'commander';
import { acting, type CliContext, type CliFrame, type Outcome } from '../cli-context.ts';
import { groupLines } from '../show/group-rows.ts';
import { findingLines } from '../show-error.ts';

type GroupOptions = {
  readonly site?: readonly string[];
  readonly configurationOnly?: true;
  readonly partnerIsOff?: true;
  readonly alternateWitness?: string;
  readonly whatIf?: true;
};

export function addGroupCommands(program: Command, frame: CliFrame): void {
  const group = program
    .command('group')
    .helpCommand(false)
    .description('who votes on which store may have a dataset mounted');
  const servers = namedServers(program);
  group
    .command('status')
    .description('started and stopped members, who answers, which leases they grant')
    .action(
      acting<[GroupOptions]>(frame, async (context) => {
        const shown = await (await connect(context)).showGroup();
        return { json: shown, lines: groupLines(shown) };
      }),
    );
  addChange(group, frame, {
    servers,
    act: 'stop',
    about: 'take members off the count, dead or alive; what they have mounted is shut',
    named: 'whom to stop',
  }).option('--configuration-only', 'leave alone what runs on them');
  addChange(group, frame, {
    servers,
    act: 'start',
    about: 'count members again that were stopped',
    named: 'whom to start',
  }).option(...alternateWitness);
  addChange(group, frame, {
    servers,
    act: 'restore',
    about: 'shrink the group to its survivors, where no majority of the voters is left',
    named: 'who survives; by default whoever answers',
  })
    .option(...alternateWitness)
    .option('--partner-is-off', 'your word that all others are off and stay off');
}

const alternateWitness = [
  '--alternate-witness <url>',
  'the PostgreSQL that is the witness from now on',
] as const;

/** The program takes `--server` for itself, wherever it stands, and remembers the last one only. */
function namedServers(program: Command): readonly string[] {
  const named: string[] = [];
  program.on('option:server', (name: string) => named.push(name));
  return named;
}

type Change = {
  /** As they were named in the words that are being read. */
  readonly servers: readonly string[];
  readonly act: GroupChangeBody['act'];
  readonly about: string;
  readonly named: string;
};

function addChange(group: Command, frame: CliFrame, change: Change): Command {
  const { act, about, named } = change;
  return group
    .command(act)
    .description(about)
    .option('--site <name>', `${named}: all servers of this site (repeatable)`, listed)
    .option('--server <name>', `${named}: this server (repeatable)`)
    .option('--what-if', 'print what would be done, and do nothing')
    .action(acting<[GroupOptions]>(frame, (context, options) => ask(context, change, options)));
}

function listed(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

async function ask(
  context: CliContext,
  { act, servers }: Change,
  { site = [], configurationOnly, partnerIsOff, whatIf, ...rest }: GroupOptions,
): Promise<Outcome> {
  const done = await (await connect(context)).changeGroup({
    act,
    sites: site.map(asSite),
    servers: servers.map(asServer),
    isConfigurationOnly: configurationOnly ?? false,
    isPartnerOff: partnerIsOff ?? false,
    isWhatIf: whatIf ?? false,
    ...(rest.alternateWitness === undefined ? {} : { alternateWitness: rest.alternateWitness }),
  });
  const findings = findingLines(done.findings);
  const lines = whatIf
    ? [...done.words, ...findings, 'Nothing was done.']
    : [done.why, ...findings];
  return { json: done, lines };
}

/** `--server` says here whom it is about, and not whose agent is asked. */
async function connect({ world, globals }: CliContext): Promise<OperatorClient> {
  const { server: _, ...rest } = globals;
  return await world.connect(rest);
}
