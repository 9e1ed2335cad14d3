import type { VoterGroupAnswer } from '@understudy/api';
import { asVoter, showGeneration, type VoterName, votersOf } from '@understudy/core';
import { table } from './table.ts';

/** The group on one screen; leases and waiting agents only where there are any. */
export function groupLines(group: VoterGroupAnswer): readonly string[] {
  const leases = group.leases.map(({ dataset, holder, generation }) => [
    dataset,
    holder,
    showGeneration(generation),
  ]);
  return [
    group.why,
    '',
    ...table([['VOTER', 'MEMBER', 'VOTES', 'ANSWERS'], ...memberRows(group)]),
    ...(leases.length === 0
      ? []
      : ['', ...table([['DATASET', 'LEASE OF', 'GENERATION'], ...leases])]),
    ...group.waiting.map(({ server, why }) => `${server} mounts nothing yet: ${why}`),
  ];
}

function memberRows({ membership, voters }: VoterGroupAnswer): readonly (readonly string[])[] {
  const { started, stopped, untouched = [], witness, cluster } = membership;
  const voting: readonly VoterName[] = votersOf(membership);
  const row = (voter: VoterName, kind: string): readonly string[] => {
    if (!voting.includes(voter)) return [voter, kind, 'no', ''];
    const report = voters.find((each) => each.voter === voter);
    const answers = report?.isSilent === false ? 'yes' : `no: ${report?.error ?? 'not asked yet'}`;
    return [voter, kind, 'yes', answers];
  };
  return [
    ...started.map((server) => row(asVoter(server), 'started')),
    ...stopped.map((server) => {
      const kind = untouched.includes(server) ? 'stopped, goes on' : 'stopped';
      return row(asVoter(server), kind);
    }),
    ...(witness === undefined ? [] : [row(witness, 'witness')]),
    ...(cluster === undefined ? [] : [row(cluster, 'cluster')]),
  ];
}
