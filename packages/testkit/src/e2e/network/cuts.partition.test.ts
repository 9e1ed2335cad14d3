import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { nowMs } from '@understudy/drill';
import { SeededChance } from '@understudy/ports/fake';
import { waitFor } from '../sites/wait-for.ts';
import { type Cut, places } from './network.ts';
import { cable, otherOf, PartitionStage, type Site } from './partition-stage.ts';

// Two sites and a witness, each in a network of its own. Users ask both sides of every pool all the
// time and keep what was acknowledged to them, some outside, whom no cut reaches, and some at each
// site, who are cut off with it; strangers look at every gate and try to write past it. Never are
// two gates open at once, and nothing acknowledged is unaccounted for.

const allCuts: readonly Cut[] = places.flatMap((from) =>
  places.filter((to) => to !== from).map((to) => [from, to] as const),
);
const oneWay = [
  ['east', 'west'],
  ['west', 'east'],
  ['east', 'witness'],
  ['witness', 'east'],
] as const satisfies readonly Cut[];
const deaf: readonly (readonly [string, readonly Cut[]])[] = [
  [
    'speaks to nobody and hears all',
    [
      ['east', 'west'],
      ['east', 'witness'],
    ],
  ],
  [
    'hears nobody and speaks to all',
    [
      ['west', 'east'],
      ['witness', 'east'],
    ],
  ],
];
const seed = 4;
const turns = 12;

describe('cables that are cut', () => {
  let stage: PartitionStage;
  before(async () => {
    stage = await PartitionStage.open();
  });
  after(() => stage?.close());

  const homes = async () => [await stage.open('east'), await stage.open('west')];
  const atHome = [['east-store'], ['west-store']];

  /** How often a site that stopped had served its own users after it was cut off. */
  let servedOn = 0;

  /** A site is cut off and stops; until then it serves those who were cut off with it. */
  async function cutOff(site: Site, ...cuts: readonly (Cut | readonly Cut[])[]): Promise<void> {
    await stage.cut(...cuts);
    const sinceMs = nowMs();
    await stage.stopped(site);
    if (stage.isServedAt(site, sinceMs)) servedOn += 1;
  }

  /** Users are served where they were, before and after any lease could have passed. */
  async function unnoticed(): Promise<void> {
    await stage.outlast();
    for (const site of ['east', 'west'] as const) {
      await stage.stage.served(site);
      await stage.servedAt(site);
    }
    assert.deepEqual(await homes(), atHome);
    stage.stage.watch.assertOneWriter();
  }

  test('V1: nobody reaches the witness: status says so, users notice nothing', async () => {
    await stage.cut(cable('east', 'witness'), cable('west', 'witness'));
    await waitFor('that status says so', async () => {
      const { sentence } = await stage.at.sites.client.status();
      return sentence.includes('gets no vote from witness') ? true : undefined;
    });
    await unnoticed();
    // Two of three answer, so an operator's word that the other side is off is not believed.
    for (const site of ['east', 'west'] as const) {
      await stage.forceInVain(otherOf(site), site);
    }
    await stage.heal();
  });

  test('V1: one direction of one cable after the other: users notice nothing', async () => {
    for (const cut of oneWay) {
      await stage.cut(cut);
      await unnoticed();
    }
    await stage.heal();
  });

  for (const alone of ['east', 'west'] as const) {
    const other = otherOf(alone);
    test(`V1, V2: the witness is with ${other}: ${alone} stops, the other takes over`, async () => {
      await cutOff(alone, cable(alone, other), cable(alone, 'witness'));
      await stage.forceInVain(alone, other);
      await stage.force(other, alone);
      await stage.stage.served(other);
      await stage.heal();
      await stage.goHome(alone);
    });
  }

  for (const [what, cuts] of deaf) {
    test(`V1, V2: east ${what}: it stops, west may take over`, async () => {
      await cutOff('east', ...cuts);
      await stage.force('west', 'east');
      await stage.heal();
      await stage.goHome('east');
    });
  }

  test('V1: who was cut off with a site was served there while its lease lasted', () => {
    assert.ok(servedOn > 0, 'a site that is cut off stops at once');
  });

  test('V1: the witness is gone and the cable cut: nobody serves, all go on later', async () => {
    await stage.at.killStore('witness');
    await stage.cut(cable('east', 'west'));
    for (const site of ['east', 'west'] as const) await stage.stopped(site);
    for (const site of ['east', 'west'] as const) {
      await stage.forceInVain(otherOf(site), site);
    }
    await stage.at.startStore('witness');
    await stage.heal();
    assert.deepEqual(await homes(), atHome);
  });

  test('V1, V2: cables come and go, and operators force all the while', async () => {
    const chance = new SeededChance(seed);
    const pick = <Thing>(things: readonly Thing[]): Thing =>
      things[chance.integer(0, things.length)] as Thing;
    const words: Promise<string>[] = [];
    for (let turn = 0; turn < turns; turn += 1) {
      await stage.cut(...allCuts.filter(() => chance.fraction() < 0.4));
      const site = pick(['east', 'west'] as const);
      words.push(stage.tryForce(site, pick(['east', 'west'] as const)));
      await new Promise((resolve) => {
        setTimeout(resolve, chance.integer(100, 2_000));
      });
      stage.stage.watch.assertOneWriter();
    }
    await Promise.all(words);
    await stage.settleAfterForce();
    await stage.heal();
    for (const pool of ['east', 'west'] as const) await stage.goHome(pool);
    await stage.heal();
  });

  test('E5, V3: time since boot begins anew at a site: its gate of before is shut', async () => {
    await stage.endInOrder('east');
    await stage.force('west', 'east');
    await stage.startAnew('east', 0);
    await stage.heal();
    await stage.goHome('east');
  });

  test('V6: without votes a cut cable changes nothing by time', async () => {
    await stage.dropVotes();
    const { votes } = (await stage.at.sites.client.status()).agents[0] ?? {};
    assert.equal(votes, undefined);
    await stage.cut(cable('east', 'west'), cable('east', 'witness'));
    await unnoticed();
    await stage.heal();
  });
});
