import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { killEmbeddedPostgres, startEmbeddedWitness } from '@understudy/postgres';
import type { KillStage } from '../kill/stage.ts';
import { useStage } from '../kill/use-stage.ts';
import { waitFor } from '../sites/wait-for.ts';
import { forceEast } from './force-east.ts';

// Leases of real processes, while users write at both sites and strangers try to.

describe('leases', () => {
  const stage = useStage();

  test('V5: the witness dies and returns; nobody notices but status, within seconds', async () => {
    const { sites, watch } = stage();
    const before = await generationsOf(stage());
    await killEmbeddedPostgres(sites.paths.witnessFolder);
    await waitFor('that status says so', () => saysOfWitness(stage()), 10_000);
    // Longer than any lease lives without being renewed.
    await new Promise((resolve) => setTimeout(resolve, sites.topology.limits.leaseMs));
    await watch.assertWhole();
    assert.deepEqual(await generationsOf(stage()), before);
    await startEmbeddedWitness({ dataDir: sites.paths.witnessFolder, port: 0 });
    await waitFor('that it votes again', async () => {
      return (await saysOfWitness(stage())) === undefined ? true : undefined;
    });
    await watch.assertWhole();
  });

  test('V1, V2: an agent that is stalled ends its own writes before others may write', async () => {
    const { sites, watch } = stage();
    const { pid } = sites.agent('east-1');
    assert.ok(pid !== undefined);
    process.kill(pid, 'SIGSTOP');
    try {
      // The other side is not off: only its lease that passes lets west take over.
      await forceEast(stage());
      await stage().served('east');
      watch.assertOneWriter();
      await watch.accept('east');
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    await stage().settle();
    await watch.assertWhole();
    await watch.assertAccounted();
  });
});

async function generationsOf({ sites }: KillStage): Promise<readonly number[]> {
  const { decisions } = await sites.client.status();
  return decisions.map(({ generation }) => generation);
}

async function saysOfWitness({ sites }: KillStage): Promise<string | undefined> {
  const { sentence } = await sites.client.status();
  return sentence.includes('gets no vote from witness') ? sentence : undefined;
}
