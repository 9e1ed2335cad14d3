import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type GroupChangeBody, OperatorApiError } from '@understudy/api';
import { activeRecordOf, asDataset, asGeneration, asVoter, membershipOf } from '@understudy/core';
import { withDatabase } from '@understudy/drill';
import {
  controlDatabase,
  createPostgresVoteStore,
  killEmbeddedPostgres,
  startTestPostgres,
} from '@understudy/postgres';
import type { KillStage } from '../kill/stage.ts';
import { useStage } from '../kill/use-stage.ts';
import { waitFor } from '../sites/wait-for.ts';
import { forceEast } from './force-east.ts';

// Real processes of which a majority of the voters dies: who is left goes on by an operator's word,
// and whoever returns obeys.

describe('groups', () => {
  const stage = useStage();

  test('a site is stopped and started while users write, and nobody loses a write', async () => {
    const { sites, watch } = stage();
    await sites.client.changeGroup({ act: 'stop', servers: ['west-1'], isConfigurationOnly: true });
    await watch.assertWhole();
    assert.deepEqual(await membershipsOf(stage()), [1, 1]);
    await sites.client.changeGroup({ act: 'start', sites: ['west'] });
    await watch.assertWhole();
    await stage().settle();
  });

  test('V4, V5: all die, west returns alone and is restored; east returns and obeys', async () => {
    const { sites, watch } = stage();
    for (const server of ['east-1', 'west-1']) await sites.killServer(server);
    await killEmbeddedPostgres(sites.paths.witnessFolder);
    await sites.agent('west-1').start();
    await waitFor('that west says what it waits for', () => saysOfWest(stage()));
    await assert.rejects(restoreWest(stage(), {}), refusedBy('partnerMayBeOn'));
    await using third = await startTestPostgres({ isDurable: true });
    const word = { isPartnerOff: true, alternateWitness: third.url('postgres') };
    const { membership } = await restoreWest(stage(), word);
    assert.deepEqual([membership.started, membership.stopped], [['west-1'], ['east-1']]);
    await stage().served('west');
    await forceEast(stage());
    await stage().served('east');
    watch.assertOneWriter();
    await watch.accept('east');

    await sites.agent('east-1').start();
    await waitFor('that east obeys', async () => {
      const { membership: heard } = await sites.clientOf('east-1').showGroup();
      return heard.generation === membership.generation ? true : undefined;
    });
    await waitFor('that its voter obeys', () => isRefusedAtEast(stage()));
    await sites.client.changeGroup({ act: 'start', servers: ['east-1'] });
    await waitFor('that the alternate witness votes, too', async () => {
      const { voters } = await sites.clientOf('east-1').showGroup();
      const silent = voters.filter(({ isSilent }) => isSilent);
      return voters.length === 3 && silent.length === 0 ? true : undefined;
    });
    await stage().settle();
    await watch.assertWhole();
    await watch.assertAccounted();
    const { decisions } = await sites.client.status();
    const record = activeRecordOf(decisions, asDataset('users-east'));
    assert.ok(membershipOf(record?.generation ?? asGeneration(0)) > membership.generation);
  });
});

async function membershipsOf({ sites }: KillStage): Promise<readonly number[]> {
  return await waitFor('that both have heard', async () => {
    const seen = await Promise.all(
      ['east-1', 'west-1'].map(async (name) => (await sites.clientOf(name).showGroup()).membership),
    );
    const all = seen.map(({ generation }) => generation);
    return new Set(all).size === 1 ? all : undefined;
  });
}

async function saysOfWest({ sites }: KillStage): Promise<string | undefined> {
  const { sentence } = await sites.clientOf('west-1').status();
  return sentence.includes('west-1 mounts nothing yet: 1 of 3 voters answer')
    ? sentence
    : undefined;
}

function restoreWest({ sites }: KillStage, word: Partial<GroupChangeBody>) {
  return sites.clientOf('west-1').changeGroup({ ...word, act: 'restore', sites: ['west'] });
}

function refusedBy(code: string) {
  return (error: unknown): boolean =>
    error instanceof OperatorApiError && error.refusals.some((each) => each.code === code);
}

/** What east wrote under its former membership is refused by its own voter. */
async function isRefusedAtEast({ sites }: KillStage): Promise<true | undefined> {
  const url = await sites.superuserUrl('east-store');
  const dataset = activeRecordOf((await sites.client.status()).decisions, asDataset('users-east'));
  if (url === undefined || dataset === undefined) return undefined;
  const at = { stores: sites, store: 'east-store', database: controlDatabase };
  const rows = await withDatabase(at, (client) =>
    client.query<{ group: string }>('SELECT group_id AS "group" FROM votes.membership'),
  );
  const place = new URL(url);
  place.pathname = `/${controlDatabase}`;
  const voter = asVoter('east-1');
  const group = rows?.rows[0]?.group ?? '';
  await using votes = createPostgresVoteStore({ voter, url: place.href, group, answerMs: 5_000 });
  const expected = await votes.read(dataset.id);
  if (expected === undefined) return undefined;
  const generation = asGeneration(1_000_000); // Of membership 0, as all that east has ever had.
  const next = { ...expected, generation, tried: generation, renewals: expected.renewals + 1 };
  return (await votes.compareAndSet({ expected, next })).isDone ? undefined : true;
}
