import { describe, test } from 'node:test';
import { asPool } from '@understudy/core';
import { deathsOf } from './all-deaths.ts';
import { wordsOfDeath } from './death.ts';
import type { ResumedBy } from './perform-killed.ts';
import { useStage } from './use-stage.ts';

// The leading agent gets SIGKILL at every step of the planned moves of a pool, three places each,
// over real processes. The steps come from the catalogue. One deployment lives through all of it,
// so each test begins by bringing pool east to where its run starts.

const pool = asPool('east');
const home = 'east-1';
const backup = 'west-1';

describe('SIGKILL of the leading agent in a planned move', () => {
  const stage = useStage();
  const there = deathsOf('pool-failover', 'planned').flat();
  const back = deathsOf('pool-failback', 'planned').flat();
  // There and back in turn: where one run ends, the next begins.
  for (const [index, resumedBy] of inTurn(Math.max(there.length, back.length))) {
    const [outward, homeward] = [there[index], back[index]];
    if (outward !== undefined) {
      test(`${wordsOfDeath(outward)}; goes on by ${resumedBy}`, async () => {
        await stage().rest(pool, 'active');
        const given = { leader: backup, deaths: [outward], resumedBy };
        await stage().planned({ runbook: 'pool-failover', pool }, given);
      });
    }
    if (homeward !== undefined) {
      test(`${wordsOfDeath(homeward)}; goes on by ${resumedBy}`, async () => {
        await stage().rest(pool, 'failedOver');
        const given = { leader: home, deaths: [homeward], resumedBy };
        await stage().planned({ runbook: 'pool-failback', pool }, given);
      });
    }
  }
});

/** Restart and other side in turn. */
function inTurn(count: number): readonly (readonly [number, ResumedBy])[] {
  return Array.from({ length: count }, (_, index) => [
    index,
    index % 2 === 0 ? 'restart' : 'other side',
  ]);
}
