import { describe, test } from 'node:test';
import { asPool } from '@understudy/core';
import { deathsOf } from './all-deaths.ts';
import { wordsOfDeath } from './death.ts';
import { useStage } from './use-stage.ts';

// A small part of `npm run test:kill` for the ordinary test run: the deaths on both sides of the
// decision, where going back ends and going on begins.

const pool = asPool('east');

describe('SIGKILL of the leading agent around the decision', () => {
  const stage = useStage();
  const [fenced, decided] = ['final-state', 'decide-active'].map((name) => {
    const deaths = deathsOf('pool-failover', 'planned').flat();
    return deaths.filter(({ step, place }) => step === name && place === 'after');
  });
  for (const [deaths, resumedBy] of [
    [fenced ?? [], 'other side'],
    [decided ?? [], 'restart'],
  ] as const) {
    test(`${deaths.map(wordsOfDeath).join()}; goes on by ${resumedBy}`, async () => {
      await stage().rest(pool, 'active');
      const given = { leader: 'west-1', deaths, resumedBy };
      await stage().planned({ runbook: 'pool-failover', pool }, given);
    });
  }
});
