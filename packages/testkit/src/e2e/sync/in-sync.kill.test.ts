import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { asDataset, asStore, type StoreName } from '@understudy/core';
import { databaseOf, withDatabase } from '@understudy/drill';
import { seeToItsEnd } from '../kill/perform-killed.ts';
import type { KillStage } from '../kill/stage.ts';
import { useStage } from '../kill/use-stage.ts';
import { waitFor } from '../sites/wait-for.ts';
import { inSyncText } from '../sites/three-servers.ts';

// V7 with real processes, while users write: users-east waits for its copy on east-spare.

const dataset = asDataset('users-east');
const [home, spare] = [asStore('east-store'), asStore('east-spare')];

describe('a synchronous copy', () => {
  const stage = useStage({ topologyText: inSyncText() });

  test('V7: one that stands still is gone on without, and waited for when it is back', async () => {
    await waitSync(stage(), { copy: spare, isInSync: true });
    const pid = await applyWorker(stage());
    process.kill(pid, 'SIGSTOP');
    try {
      await waitSync(stage(), { copy: spare, isInSync: false });
      await stage().served('east');
      const { sentence } = await stage().sites.client.status();
      assert.match(sentence, /users-east on east-spare is not in sync/);
      const { findings } = await stage().sites.clientOf('east-2').plan(forced);
      assert.ok(
        findings.some(({ code }) => code === 'lossBeyondLimit' || code === 'sourceAnswers'),
      );
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    await waitSync(stage(), { copy: spare, isInSync: true });
    await stage().watch.assertWhole();
  });

  test('V7: the active store dies, and by force nothing acknowledged is lost', async () => {
    await waitSync(stage(), { copy: spare, isInSync: true });
    await stage().served('east');
    await stage().sites.killServer('east-1');
    const leader = stage().sites.clientOf('east-2');
    const run = await waitFor('that the move is not refused', async () => {
      const { findings, quotes } = await leader.plan(forced);
      const refusals = findings.filter(({ severity }) => severity === 'refusal');
      if (refusals.length > 0) throw new Error(refusals.map(({ why }) => why).join('; '));
      const quote = quotes?.find(({ copy }) => copy === spare);
      const { knownMissing, mayBeMissing, isInSync } = quote ?? assert.fail('no quote');
      assert.deepEqual([knownMissing, mayBeMissing, isInSync], [0, 0, true]);
      return (await leader.startRun(forced)).run;
    });
    const { state, why } = await seeToItsEnd(stage().sites, run);
    assert.equal(state, 'succeeded', why);
    await stage().served('east');
    await stage().watch.assertWhole();
  });

  test('V7: who returns is the synchronous one then, and home again the other is', async () => {
    await stage().returned('east-1', { deaths: [], resumedBy: 'restart' });
    await waitSync(stage(), { copy: home, isInSync: true });
    const move = { runbook: 'dataset-move', dataset, toStore: home } as const;
    const { run } = await stage().sites.client.startRun(move);
    const { state, why } = await seeToItsEnd(stage().sites, run);
    assert.equal(state, 'succeeded', why);
    await waitSync(stage(), { copy: spare, isInSync: true });
    await stage().watch.assertWhole();
    await stage().watch.assertAccounted();
  });
});

const forced = {
  runbook: 'dataset-move',
  dataset,
  toStore: spare,
  mode: 'forced',
  isPartnerOff: true,
} as const;

type Wanted = { readonly copy: StoreName; readonly isInSync: boolean };

/** What the agent of the active copy says, and what each server hears of the voters. */
function waitSync({ sites }: KillStage, { copy, isInSync }: Wanted): Promise<true> {
  return waitFor(`that ${copy} is ${isInSync ? '' : 'not '}in sync`, async () => {
    const { agents } = await sites.client.status();
    const copies = agents.flatMap((agent) => agent.copies);
    const said = copies.flatMap(({ sync }) => sync ?? []).find((sync) => sync.copy === copy);
    const id = copies.find((each) => each.dataset === dataset)?.id;
    const heard = agents
      .flatMap(({ votes }) => votes?.leases ?? [])
      .filter((lease) => {
        return lease.dataset === id;
      });
    const recorded = heard.map(({ inSync }) => inSync);
    const isAgreed = recorded.every((each) => (each === copy) === isInSync);
    if (said?.isInSync !== isInSync || !isAgreed) {
      throw new Error(`${said?.why ?? 'nobody says'}; ${JSON.stringify(recorded)}`);
    }
    return true as const;
  });
}

/** Whoever applies what the synchronous copy gets. */
async function applyWorker({ sites }: KillStage): Promise<number> {
  const place = { stores: sites, store: spare, database: databaseOf(dataset) };
  const pid = await withDatabase(place, async (client) => {
    const { rows } = await client.query<{ pid: number }>(
      `SELECT pid FROM pg_stat_subscription
        WHERE subname LIKE 'us_users_east_%' AND relid IS NULL AND pid IS NOT NULL`,
    );
    return rows[0]?.pid;
  });
  return pid ?? assert.fail('nobody applies');
}
