import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { forceEast } from '../votes/force-east.ts';
import { dropVotes } from '../sites/without-votes.ts';
import { signalParts } from '../votes/stop-processes.ts';
import { ClocksStage, type WallClocks } from './clocks-stage.ts';

// Wall clocks are set by an hour, and whole sites sleep, while real processes run. Sleeping is what
// Linux does in a suspend: nothing runs, and CLOCK_MONOTONIC stands still while time since boot and
// the wall clock go on.

const hourMs = 3_600_000;
const both = (aheadMs: number) => ({ node: aheadMs, postgres: aheadMs });
const settings: readonly (readonly [string, WallClocks])[] = [
  ['east an hour back', { east: both(-hourMs) }],
  ['east an hour ahead, west an hour back', { east: both(hourMs), west: both(-hourMs) }],
  [
    "east's PostgreSQL an hour back, west's agent and roles an hour ahead",
    { east: { postgres: -hourMs }, west: { node: hourMs } },
  ],
];

describe('clocks of real processes', () => {
  let clocks: ClocksStage;
  before(async () => {
    clocks = await ClocksStage.open();
  });
  after(() => clocks?.close());

  for (const [what, wanted] of settings) {
    test(`V3: wall clocks are set, ${what}: nobody notices`, async () => {
      const gates = await clocks.openGates();
      await clocks.setWallClocks(wanted);
      await clocks.outlast();
      await clocks.stage.served('east');
      await clocks.stage.served('west');
      assert.deepEqual(await clocks.openGates(), gates);
      clocks.stage.watch.assertOneWriter();
      for (const site of ['east', 'west'] as const) {
        const said = await clocks.wallClocksAheadMs(site);
        for (const program of ['node', 'postgres'] as const) {
          const offMs = said[program] - (wanted[site]?.[program] ?? 0);
          assert.ok(Math.abs(offMs) < hourMs / 2, `${program} of ${site} is off by ${offMs} ms`);
        }
      }
    });
  }

  test('a pool moves and goes home as planned while sites are two hours apart', async () => {
    await clocks.setWallClocks({ east: both(hourMs), west: both(-hourMs) });
    await clocks.stage.rest('east', 'failedOver');
    await clocks.stage.watch.assertWhole();
    await clocks.goHome();
  });

  test('V1, V3: an agent is stalled, its wall clock goes back: its lease ends', async () => {
    const { stage } = clocks;
    await clocks.setWallClocks({});
    await signalParts(stage.sites, 'east', { signal: 'SIGSTOP', parts: ['agent'] });
    try {
      await clocks.setWallClocks({ east: both(-hourMs) });
      await forceEast(stage);
      await stage.served('east');
      const servedMs = performance.now();
      await clocks.rolesAnswer();
      clocks.assertNotReadAtHomeSince(servedMs);
      stage.watch.assertOneWriter();
      await stage.watch.accept('east');
    } finally {
      await signalParts(stage.sites, 'east', { signal: 'SIGCONT', parts: ['agent'] });
    }
    await clocks.goHome();
    await clocks.setWallClocks({});
  });

  async function isMountedAtHome(): Promise<void> {
    const gates = await clocks.openGates();
    const homes = gates.map((gate) => gate.split(':')[0]);
    assert.deepEqual(homes, ['east at east-store', 'west at west-store']);
  }

  /** East sleeps, `meanwhile` passes, and it goes on. */
  async function asleep(meanwhile: () => Promise<void>): Promise<void> {
    await clocks.suspend('east');
    try {
      await meanwhile();
    } finally {
      await clocks.wake('east');
    }
  }

  /** East sleeps past its lease, and west serves its pool before it wakes. */
  async function replacedAsleep(): Promise<void> {
    const { stage } = clocks;
    await clocks.readAtHome();
    await clocks.suspend('east');
    try {
      await clocks.outlast();
      await forceEast(stage);
      await stage.served('east');
      const servedMs = performance.now();
      // Whoever wakes first, the agent may be last: until it speaks, the roles know what they knew.
      await clocks.wake('east', {
        first: ['PostgreSQL', 'roles'],
        meanwhile: async () => {
          await clocks.rolesAnswer();
          await stage.served('east');
          clocks.assertNotReadAtHomeSince(servedMs);
          stage.watch.assertOneWriter();
          await stage.watch.accept('east');
        },
      });
      await stage.settle();
      clocks.assertNotReadAtHomeSince(servedMs);
    } finally {
      await clocks.wake('east');
    }
    await clocks.goHome();
    await clocks.readAtHome();
  }

  test('a site that sleeps for less than its lease goes on', async () => {
    await asleep(() => new Promise((resolve) => setTimeout(resolve, 1_000)));
    await clocks.readAtHome();
    await clocks.whole();
    await isMountedAtHome();
  });

  test('E12, V1, V3: a site sleeps past its lease, the other takes over, it wakes', replacedAsleep);

  test('V6: without votes a site that sleeps past its gate mounts again', async () => {
    await dropVotes(clocks.stage.sites);
    await clocks.whole();
    await asleep(() => clocks.outlast());
    await clocks.readAtHome();
    await clocks.whole();
    await isMountedAtHome();
  });

  test('E12, V6: without votes, by word: a site that is replaced asleep wakes', replacedAsleep);
});
