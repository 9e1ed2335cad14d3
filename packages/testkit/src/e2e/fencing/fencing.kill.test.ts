import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { asPool } from '@understudy/core';
import { deathsOf } from '../kill/all-deaths.ts';
import { wordsOfDeath } from '../kill/death.ts';
import { type FencedStage, openFencedStage } from './open-fenced-stage.ts';

// V6 over real processes: east's agent is stopped, so that east answers nobody, while its store and
// its registrar go on and its gate stays open for far longer than any run takes. That is a cut
// cable, as west sees it. Strangers try both gates all the while.

const failover = { runbook: 'pool-failover', pool: asPool('east') } as const;

describe('fencing', () => {
  let fenced: FencedStage | undefined;
  before(async () => {
    fenced = await openFencedStage();
  });
  after(() => fenced?.[Symbol.asyncDispose]());
  const opened = (): FencedStage => fenced ?? assert.fail('the stage is not open');

  test('V6: a switch that does not answer proves nothing, and nothing is moved', async () => {
    const { stage, uses, breakSwitch, mendSwitch } = opened();
    await breakSwitch();
    const { row, goOn } = await stage.stalled(failover, { leader: 'west-1', stopped: 'east-1' });
    assert.equal(row.state, 'refused');
    assert.match(row.why, /^west-1 refused: nothing proves that site east is off: /);
    assert.match(row.why, /ended with 1 after \d+\.\d s; it said "the switch does not answer"/);
    assert.match(row.why, /all was undone$/);
    assert.equal((await uses()).length, 1);
    stage.watch.assertOneWriter();
    goOn();
    await mendSwitch();
    await stage.settle();
    await stage.watch.assertWhole();
  });

  const deaths = deathsOf('pool-failover', 'forced', { fencings: [] })
    .flat()
    .filter(({ step }) => step === 'fence-site');
  const words = deaths.map(wordsOfDeath).join(' and ');
  test(`V6: a site behind a cut cable is off before it is replaced; ${words}`, async () => {
    const { stage, uses } = opened();
    const before = (await uses()).length;
    const given = { leader: 'west-1', stopped: 'east-1', deaths };
    const { row } = await stage.stalled(failover, given);
    assert.equal(row.state, 'succeeded', row.why);
    await stage.served('east');
    stage.watch.assertOneWriter();
    await stage.watch.accept('east');
    const { journal } = await stage.sites.client.showRun(row.id);
    const lines = journal.filter(({ step }) => step === 'fence-site');
    assert.match(
      lines.find(({ event }) => event === 'done')?.why ?? '',
      /^site east is off: .* ended with 0 after \d+\.\d s; it said "power of east-1 is off"$/,
    );
    // Killed after the command and before the proof stood anywhere, and killed once it stood.
    assert.equal((await uses()).length - before, 2);
    assert.equal(lines.at(-1)?.event, 'alreadyDone');
    await stage.returned('east-1', { deaths: [], resumedBy: 'restart' });
  });
});
