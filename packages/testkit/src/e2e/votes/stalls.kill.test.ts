import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { defaultTopologyText } from '@understudy/api';
import { killEmbeddedPostgres } from '@understudy/postgres';
import { useStage } from '../kill/use-stage.ts';
import { waitFor } from '../sites/wait-for.ts';
import { forceEast } from './force-east.ts';
import { type Part, signalParts } from './stop-processes.ts';

// Parts of a site stand still past their lease, and go on. Users write at both sites and strangers
// try to: what is begun at the old side after the other has taken over is not acknowledged (E4
// lets a write through that PostgreSQL was stopped with inside its commit; it was begun before).

/** One return after the other is begun as soon as that may be. */
function returningSoon(): string {
  const limits = '# limits:\n#   leaseMs: 6000';
  const text = defaultTopologyText();
  assert.ok(text.includes(limits));
  return text.replace(limits, 'limits:\n  quietBeforeReturnMs: 5000');
}

describe('a site that stands still', () => {
  const stage = useStage({ topologyText: returningSoon() });

  /** West serves while these stand still at east; they go on, those named first alone at first. */
  async function outlasted(parts: readonly Part[], first: readonly Part[] = []): Promise<void> {
    const { sites, watch } = stage();
    await signalParts(sites, 'east', { signal: 'SIGSTOP', parts });
    try {
      await forceEast(stage());
      await stage().served('east');
      watch.assertOneWriter();
      if (first.length > 0) {
        await signalParts(sites, 'east', { signal: 'SIGCONT', parts: first });
        await waitFor('that the roles of east answer', answersAnything);
        await stage().served('east');
        watch.assertOneWriter();
      }
      // A copy that stands still tells nothing of what it has: it is looked at when it goes on.
      await watch.accept('east');
    } finally {
      await signalParts(sites, 'east', { signal: 'SIGCONT', parts });
    }
    await stage().settle();
    await watch.assertWhole();
    await watch.assertAccounted();
    await stage().rest('east', 'active');
  }

  /** A refusal will do: they run. */
  async function answersAnything(): Promise<true | undefined> {
    const server = stage().sites.topology.servers.find(({ name }) => name === 'east-1');
    const url = `http://${server?.address}:${server?.ports.users}/v1/contacts`;
    const { status } = await fetch(url, { redirect: 'manual' });
    return status > 0 ? true : undefined;
  }

  test('E12: roles that go on past their lease, before their agent, acknowledge nothing', () =>
    outlasted(['agent', 'roles'], ['roles']));

  test('E4, V1: PostgreSQL goes on past its lease', () => outlasted(['PostgreSQL']));

  test('V3: a whole machine goes on past its lease, as after a suspend', () =>
    outlasted(['agent', 'roles', 'PostgreSQL']));

  test('E5: PostgreSQL is killed within its lease: its own site mounts again', async () => {
    const { sites, watch } = stage();
    const homes = await holders();
    await killEmbeddedPostgres(sites.paths.server('east-1').storeFolder('east-store'));
    await stage().settle();
    await stage().served('east');
    assert.deepEqual(await holders(), homes);
    await watch.assertWhole();
    await watch.assertAccounted();
  });

  async function holders(): Promise<readonly unknown[]> {
    const { decisions } = await stage().sites.client.status();
    return decisions.flatMap((each) => ('active' in each ? [each.active] : []));
  }
});
