import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type GroupRequest, witnessName } from '@understudy/core';
import { names } from '@understudy/core/testing';
import type { FakeProgram } from '@understudy/ports/fake';
import { type TwoSites, twoSites } from '../testing/two-sites.ts';

// V4, V6: a restore cannot have the former majority, so it demands that all others are off.

const fencing = { command: ['/usr/local/sbin/fence'], timeoutMs: 5_000, expect: 'is off' };
const restore: GroupRequest = {
  act: 'restore',
  servers: [names.westServer],
  isConfigurationOnly: false,
  isPartnerOff: false,
};

/** West is alone: east and the witness answer nobody. */
async function westAlone(program: FakeProgram): Promise<TwoSites> {
  const sites = await twoSites({}, { isVoted: true, fencing });
  sites.commands.programs.set('/usr/local/sbin/fence', program);
  sites.silent.add(names.eastServer).add(witnessName);
  await sites.rounds(2);
  return sites;
}

async function restoreWest({ clock, west }: TwoSites): Promise<string> {
  const { next, findings, fencings } = await clock.finish(west.groupByWord.plan(restore));
  assert.deepEqual(findings, []);
  return await clock.finish(west.groupByWord.change(next ?? assert.fail(), fencings));
}

async function membershipOf({ clock, west }: TwoSites): Promise<number | undefined> {
  return (await clock.finish(west.report())).votes?.membership.generation;
}

test('with fencing a restore asks for no word, and what-if runs nothing', async () => {
  const sites = await westAlone(() => ({ output: 'east is off' }));
  const { findings, words } = await sites.clock.finish(sites.west.groupByWord.plan(restore));
  assert.deepEqual(findings, []);
  assert.ok(
    words.includes(
      'site east (east-1) has to be off: /usr/local/sbin/fence must end with 0 within 5 s ' +
        'and say "is off"',
    ),
    words.join('\n'),
  );
  assert.deepEqual(sites.commands.ran, []);
});

test('V4: what is proven off is restored without a word', async () => {
  const sites = await westAlone(() => ({ output: 'east is off' }));
  assert.match(await restoreWest(sites), /^membership 1001: west-1 started/);
  assert.equal(sites.commands.ran.length, 1);
  assert.equal(await membershipOf(sites), 1_001);
});

test('V4: where nothing is proven the group stays as it was', async () => {
  const sites = await westAlone(() => ({ exitStatus: 1, output: 'no route to host' }));
  await assert.rejects(
    restoreWest(sites),
    /nothing proves that site east is off.*--partner-is-off/,
  );
  assert.equal(await membershipOf(sites), 0);
});

test('V4: one that answers after the command is believed', async () => {
  const back: TwoSites[] = [];
  const sites = await westAlone(() => {
    back[0]?.silent.delete(names.eastServer);
    return { output: 'east is off' };
  });
  back.push(sites);
  await assert.rejects(restoreWest(sites), /east-1 is said to be off and answers all the same/);
  assert.equal(await membershipOf(sites), 0);
});
