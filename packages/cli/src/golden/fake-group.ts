import type { GroupChangeAnswer, VoterGroupAnswer } from '@understudy/api';
import { asDataset, asGeneration, asServer, asStore, asVoter } from '@understudy/core';

const [east, west] = [asServer('east-1'), asServer('west-1')];
const witness = asVoter('witness');

/** West is dead, and was stopped; the witness does not vote beside one member. */
export function aGroup(): VoterGroupAnswer {
  return {
    why: 'membership 1: 1 of 1 voters answer, 1 are needed; stopped: west-1',
    membership: {
      generation: 1,
      started: [east],
      stopped: [west],
      witness,
      former: { generation: 0, voters: [asVoter('east-1'), asVoter('west-1'), witness] },
    },
    needed: 1,
    voters: [{ voter: asVoter('east-1'), isSilent: false }],
    leases: [
      {
        dataset: asDataset('users-east'),
        holder: asStore('east-store'),
        generation: asGeneration(2 ** 32 + 1),
      },
    ],
    waiting: [],
    quorumMs: 60_000,
  };
}

export function aGroupChange(): GroupChangeAnswer {
  return {
    why: 'membership 1: east-1 started, west-1 stopped',
    words: [
      'membership 1 takes the place of 0: east-1 will vote, east-1, west-1, witness did',
      'west-1 is stopped, and mounts nothing until it is started',
      'what is mounted goes on under generations of membership 1',
    ],
    membership: aGroup().membership,
    findings: [],
  };
}
