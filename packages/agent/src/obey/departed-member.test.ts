import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  asServer,
  asVoter,
  groupRecord,
  groupRecordOf,
  type GroupRequest,
  type Membership,
  witnessName,
} from '@understudy/core';
import { names } from '@understudy/core/testing';
import { type TwoSites, twoSites, unbornSites } from '../testing/two-sites.ts';

// V4: a topology file that names a server no more changes nobody's vote.

const { eastServer: east, westServer: west, usersEast } = names;
const north = asServer('north-1');
const three: Membership = {
  generation: 1,
  started: [east, west, north],
  stopped: [],
  witness: witnessName,
  former: { generation: 0, voters: [asVoter(east), asVoter(west), witnessName] },
};
const fencing = { command: ['/usr/local/sbin/fence'], timeoutMs: 5_000, expect: 'is off' };

/** North was started once; the topology of both others names it no more. */
async function withoutNorth(): Promise<TwoSites> {
  const sites = await twoSites({}, { isVoted: true, fencing });
  await sites.clock.finish(sites.east.groupByWord.change(three));
  await sites.rounds(6);
  return sites;
}

const asked = (act: GroupRequest['act'], server: typeof east) => ({
  act,
  servers: [server],
  isConfigurationOnly: false,
  isPartnerOff: false,
});

async function stateInEast({ clock, east: agent }: TwoSites): Promise<string | undefined> {
  const { copies } = await clock.finish(agent.report());
  return copies.find(({ dataset }) => dataset === usersEast)?.state;
}

test('V4: who votes at birth is written down, and learned by everybody', async () => {
  const sites = await twoSites({}, { isVoted: true });
  for (const agent of [sites.east, sites.west]) {
    const { decisions } = await sites.clock.finish(agent.report());
    const { membership } = groupRecordOf(decisions) ?? assert.fail();
    assert.deepEqual(membership, {
      generation: 0,
      started: [east, west],
      stopped: [],
      witness: witnessName,
    });
  }
});

test('V4: what was written down at birth goes before a changed topology file', async () => {
  const sites = unbornSites({}, { isVoted: true });
  const { former: _, ...atBirth } = { ...three, generation: 0 };
  await sites.clock.finish(sites.west.client.learn([groupRecord(atBirth)]));
  await sites.rounds(2);
  for (const agent of [sites.east, sites.west]) {
    const { votes } = await sites.clock.finish(agent.report());
    assert.deepEqual(votes?.membership, atBirth);
  }
});

test('V4: a member that left the topology counts as silent, and is named', async () => {
  const sites = await withoutNorth();
  assert.equal(await stateInEast(sites), 'mounted');
  const { votes } = await sites.clock.finish(sites.east.report());
  const told = votes?.voters.find(({ voter }) => voter === asVoter(north));
  assert.match(told?.error ?? '', /names it no more.*: understudy group stop --server north-1$/);
  assert.ok(votes?.voters.every(({ voter }) => voter !== witnessName));
  // Two of three are needed. Were it no voter any more, the witness would vote in its place.
  sites.silent.add(west);
  await sites.rounds(20);
  assert.equal(await stateInEast(sites), 'dismounted');
});

test('a member that left the topology is stopped by its name, and is missed no more', async () => {
  const sites = await withoutNorth();
  const { clock, east: agent } = sites;
  const { next, findings } = await clock.finish(agent.groupByWord.plan(asked('stop', north)));
  assert.deepEqual(findings, []);
  const why = await clock.finish(agent.groupByWord.change(next ?? assert.fail()));
  assert.equal(why, 'membership 2: east-1 and west-1 started, north-1 stopped');
  await sites.rounds(6);
  sites.silent.add(west);
  await sites.rounds(20);
  assert.equal(await stateInEast(sites), 'mounted');
});

test('V4: who left the topology cannot be fenced, so a restore wants the word', async () => {
  const sites = await withoutNorth();
  sites.silent.add(east);
  await sites.rounds(6);
  const planned = await sites.clock.finish(sites.west.groupByWord.plan(asked('restore', west)));
  assert.deepEqual(
    planned.findings.map(({ code }) => code),
    ['partnerMayBeOn'],
  );
  assert.match(planned.findings[0]?.why ?? '', /a silent east-1 and north-1 cannot be told/);
  assert.deepEqual(planned.fencings, []);
});
