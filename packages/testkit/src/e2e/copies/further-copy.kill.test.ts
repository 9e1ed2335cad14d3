import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { activeRecordOf, asDataset, asPool } from '@understudy/core';
import type { KillStage } from '../kill/stage.ts';
import { useStage } from '../kill/use-stage.ts';
import { threeServersText } from '../sites/three-servers.ts';
import { waitFor } from '../sites/wait-for.ts';

// Three copies of one dataset, two of them in the east, over real processes and with users who
// write all the time: east-1 is lost, west is forced, and the copy on east-2 follows west.

const dataset = asDataset('users-east');
const east = { runbook: 'pool-failover', pool: asPool('east') } as const;

describe('a further copy after a forced failover', () => {
  const stage = useStage({ topologyText: threeServersText() });

  test('A4: it follows the new active copy by position, and nothing is lost', async () => {
    await stage().forced(east, { leader: 'west-1', dead: 'east-1', deaths: [] });
    await spareWell(stage());
    const { spare, record } = await look(stage());
    assert.equal(record?.active, 'west-store');
    // Seeded it would follow since the take-over; the standing slot's link is of the time before.
    assert.equal(spare?.following?.link.since, record?.former?.since, spare?.why);
    assert.deepEqual(await setAsideOn(stage(), 'east-2'), []);
    await stage().returned('east-1', { deaths: [], resumedBy: 'restart' });
  });

  test('A4: blocked or not, every copy says why it is not the next active one', async () => {
    const { client } = stage().sites;
    const block = { store: 'east-spare' as never, why: 'new disks' };
    await client.blockDataset(dataset, block);
    const { choices } = await client.status();
    const choice = choices.find((each) => each.dataset === dataset);
    assert.deepEqual(
      choice?.notChosen.map(({ store, reason }) => [store, reason]),
      [
        ['west-store', 'active'],
        ['east-spare', 'activationBlocked'],
      ],
    );
    assert.equal(choice?.chosen, 'east-store');
    await client.unblockDataset(dataset, { store: block.store });
    await stage().rest('east', 'active');
    await stage().watch.assertWhole();
  });
});

async function look({ sites }: KillStage) {
  const { agents, decisions } = await sites.client.status();
  const copies = agents.flatMap((agent) => agent.copies);
  const spare = copies.find((each) => each.dataset === dataset && each.store === 'east-spare');
  return { spare, record: activeRecordOf(decisions, dataset) };
}

async function spareWell(stage: KillStage): Promise<void> {
  await waitFor('that the further copy follows', async () => {
    const { spare } = await look(stage);
    if (spare?.state !== 'healthy') throw new Error(`it is ${spare?.state}: ${spare?.why}`);
    return spare.following?.link.from === 'west-store' ? true : undefined;
  });
}

async function setAsideOn({ sites }: KillStage, server: string) {
  const { agents } = await sites.client.status();
  return agents.find((agent) => agent.server === server)?.setAside;
}
