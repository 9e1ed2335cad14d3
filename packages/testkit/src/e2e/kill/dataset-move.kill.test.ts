import { describe, test } from 'node:test';
import { activeRecordOf, asDataset, asStore } from '@understudy/core';
import { threeServersText } from '../sites/three-servers.ts';
import { deathsOf } from './all-deaths.ts';
import { wordsOfDeath } from './death.ts';
import { useStage } from './use-stage.ts';

// The same for the move of one dataset to another server of its site and back.

const dataset = asDataset('users-east');

describe('SIGKILL of the leading agent in the move of a dataset', () => {
  const stage = useStage({ topologyText: threeServersText() });
  for (const [index, death] of deathsOf('dataset-move', 'planned').flat().entries()) {
    const resumedBy = index % 2 === 0 ? 'restart' : 'other side';
    test(`${wordsOfDeath(death)}; goes on by ${resumedBy}`, async () => {
      await stage().settle();
      const { decisions } = await stage().sites.client.status();
      const active = activeRecordOf(decisions as never, dataset)?.active;
      const isOut = active === 'east-spare';
      const toStore = asStore(isOut ? 'east-store' : 'east-spare');
      const leader = isOut ? 'east-1' : 'east-2';
      const request = { runbook: 'dataset-move', dataset, toStore } as const;
      await stage().planned(request, { leader, deaths: [death], resumedBy });
    });
  }
});
