import { describe, test } from 'node:test';
import { asPool } from '@understudy/core';
import { deathsOf } from './all-deaths.ts';
import { type Death, wordsOfDeath } from './death.ts';
import type { ResumedBy } from './perform-killed.ts';
import { useStage } from './use-stage.ts';

// The same while the other site is dead, three deaths in one run, and in the dead site's return.

const pool = asPool('east');
const home = 'east-1';
const backup = 'west-1';

describe('SIGKILL of the leading agent while the other site is dead, and in its return', () => {
  const stage = useStage();
  const out = deathsOf('pool-failover', 'forced');
  const back = deathsOf('pool-failback', 'forced');
  const returns = dealOut(deathsOf('site-return', 'planned').flat(), out.length + back.length);
  for (const [index, deaths] of out.entries()) {
    const inReturn = returns[index] ?? [];
    const resumedBy = resumedIn(index, inReturn);
    test(`${wordsOfAll(deaths)}; ${wordsOfAll(inReturn)}, goes on by ${resumedBy}`, async () => {
      await stage().rest(pool, 'active');
      const runbook = 'pool-failover';
      await stage().forced({ runbook, pool }, { leader: backup, dead: home, deaths });
      await stage().returned(home, { deaths: inReturn, resumedBy });
    });
  }
  for (const [index, deaths] of back.entries()) {
    const inReturn = returns[out.length + index] ?? [];
    const resumedBy = resumedIn(index, inReturn);
    test(`${wordsOfAll(deaths)}; ${wordsOfAll(inReturn)}, goes on by ${resumedBy}`, async () => {
      await stage().rest(pool, 'failedOver');
      const runbook = 'pool-failback';
      await stage().forced({ runbook, pool }, { leader: home, dead: backup, deaths });
      await stage().returned(backup, { deaths: inReturn, resumedBy });
    });
  }
});

/** All of them over `count` runs, in order and evenly. */
function dealOut(deaths: readonly Death[], count: number): readonly (readonly Death[])[] {
  const share = deaths.length / count;
  return Array.from({ length: count }, (_, index) =>
    deaths.slice(Math.round(index * share), Math.round((index + 1) * share)),
  );
}

/** The other side can take over once: then it leads, and is not killed. */
function resumedIn(index: number, deaths: readonly Death[]): ResumedBy {
  return index % 2 === 0 || deaths.length > 1 ? 'restart' : 'other side';
}

function wordsOfAll(deaths: readonly Death[]): string {
  return deaths.map(wordsOfDeath).join(' and ') || 'nobody dies in the return';
}
