import type { Topology } from './topology.ts';
import type { TopologyFinding } from './topology-finding.ts';

/**
 * Fencing commands: that they can be run wherever an agent is, and could prove anything. Shapes and
 * bounds are the schema's.
 */
export function checkFencing({ sites }: Topology): readonly TopologyFinding[] {
  return sites.flatMap(({ name, fencing }, index) => {
    if (fencing === undefined) return [];
    const path = ['sites', index, 'fencing'] as const;
    const isLonely = sites.length === 1;
    return [
      ...checkProgram(fencing.command, [...path, 'command']),
      ...(fencing.expect?.replaceAll('*', '').trim() === ''
        ? [{ path: [...path, 'expect'], ...expectsNothing }]
        : []),
      ...(isLonely && name !== '' ? [{ path: [...path], ...nobodyThere }] : []),
    ];
  });
}

const expectsNothing = {
  what: 'every output contains that, so it proves nothing',
  todo: 'write words that the command says only when the site is off, or leave `expect` out',
};

const nobodyThere = {
  what: 'there is no other site, so nobody would run it',
  todo: 'leave `fencing` out',
};

/** Agents have neither a shell's path nor a working directory that an operator could know. */
function checkProgram(
  command: readonly string[],
  path: TopologyFinding['path'],
): readonly TopologyFinding[] {
  const [program] = command;
  if (program === undefined) {
    const todo = 'write the program with its whole path, and its arguments: [/usr/sbin/fence, off]';
    return [{ path, what: 'the command is empty', todo }];
  }
  if (program.startsWith('/')) return [];
  const what = `${JSON.stringify(program.slice(0, 40))} is not the whole path of a program`;
  const todo = 'write it from the root on; it is run without a shell';
  return [{ path: [...path, 0], what, todo }];
}
