import assert from 'node:assert/strict';
import { test } from 'node:test';
import { activeRecordOf, asGeneration, asVoter, type ServerName } from '@understudy/core';
import { names } from '@understudy/core/testing';
import { StoreDownError } from '@understudy/ports';
import { FakeVoteStore, FakeVotes, SeededChance } from '@understudy/ports/fake';
import type { Agent } from '../agent.ts';
import { type TwoSites, type TwoSitesOptions, twoSites } from '../testing/two-sites.ts';
import { createLeaseRight } from './create-lease-right.ts';

// V6: two sites without a witness. The holder renews at its own store alone, and nothing passes by
// time: not its right to write, and not to the other side.

const dataset = names.usersEast;
/** Many lease times, in rounds of half a second. */
const longRounds = 60;

async function copyOf({ clock }: TwoSites, agent: Agent) {
  const report = await clock.finish(agent.report());
  const copy = report.copies.find((each) => each.dataset === dataset);
  return { ...copy, record: activeRecordOf(report.decisions, dataset) };
}

/** What west would be told if it were asked to take over by force. */
async function refusalsOfForce({ clock, west }: TwoSites, isPartnerOff: boolean) {
  const request = { runbook: 'pool-failover', pool: names.eastPool, mode: 'forced' } as const;
  const asked = { ...request, isPartnerOff, by: 'anna' };
  const { findings } = await clock.finish(west.leading.plan(asked));
  const refused = findings.filter(({ severity }) => severity === 'refusal');
  return refused.map(({ code }) => code).filter((code) => code !== 'lossBeyondLimit');
}

/** In the place of the rule: each side's store votes, and a majority of two is two. */
function withTwoVoters(): TwoSitesOptions {
  const votes = new Map(
    [names.eastServer, names.westServer].map((each) => [each, new FakeVotes()]),
  );
  return {
    mountRight: (of, { leaseMs, clock, silent }) => {
      const reach = (voter: ServerName) => async () => {
        const isCut = voter !== of && (silent.has(voter) || silent.has(of));
        if (isCut) throw new StoreDownError(`${voter} does not answer`);
      };
      const voters = [...votes].map(([server, kept]) => {
        const link = { ask: reach(server), answer: reach(server) };
        return new FakeVoteStore(asVoter(server), kept, link);
      });
      const membership = { generation: 0, started: [...votes.keys()], stopped: [] };
      const chance = new SeededChance(1, clock);
      return createLeaseRight({ voters, membership, leaseMs, clock, chance });
    },
  };
}

/** The passive side dies, and stays dead for many lease times. */
async function withoutPassiveSide(options?: TwoSitesOptions) {
  const sites = await twoSites({}, options);
  const before = await copyOf(sites, sites.east);
  assert.equal(before.state, 'mounted');
  sites.silent.add(names.westServer);
  sites.westStore.crash();
  await sites.rounds(longRounds);
  return { before, after: await copyOf(sites, sites.east) };
}

test('V6: losing the passive side closes nobody’s gates', async () => {
  const { before, after } = await withoutPassiveSide();
  assert.equal(after.state, 'mounted');
  assert.equal(after.gate?.isOpen, true);
  assert.equal(after.record?.generation, before.record?.generation);
});

test('V6 taken out: with two voters the passive side takes the active one along', async () => {
  const { after } = await withoutPassiveSide(withTwoVoters());
  assert.notEqual(after.state, 'mounted');
  assert.notEqual(after.gate?.isOpen, true);
});

test('V6: a cut never leads to a takeover by time, only a word or fencing does', async () => {
  const sites = await twoSites();
  const before = await copyOf(sites, sites.west);
  sites.silent.add(names.eastServer);
  await sites.rounds(longRounds);
  const [east, west] = [await copyOf(sites, sites.east), await copyOf(sites, sites.west)];
  assert.equal(east.gate?.isOpen, true);
  assert.notEqual(west.gate?.isOpen, true);
  assert.equal(west.record?.active, names.eastStore);
  assert.equal(west.record?.generation, before.record?.generation);
  assert.deepEqual(await refusalsOfForce(sites, false), ['partnerMayBeOn']);
  assert.deepEqual(await refusalsOfForce(sites, true), []);
});

test('V6: with fencing no word is asked for, and nothing is fenced by a look', async () => {
  const fencing = { command: ['/usr/local/sbin/fence'], timeoutMs: 1_000 };
  const sites = await twoSites({}, { fencing });
  sites.silent.add(names.eastServer);
  await sites.rounds(longRounds);
  assert.deepEqual(await refusalsOfForce(sites, false), []);
  assert.deepEqual(sites.commands.ran, []);
  assert.equal((await copyOf(sites, sites.east)).gate?.isOpen, true);
});

test('V6: the side that returns mounts nothing before it has heard the other', async () => {
  const sites = await twoSites();
  const { record } = await copyOf(sites, sites.west);
  if (record === undefined) return assert.fail('nothing is decided');
  const { since, generation } = record;
  sites.silent.add(names.eastServer);
  sites.eastStore.crash();
  // Meanwhile west has taken over, and nobody could tell east.
  const former = { store: names.eastStore, since, generation, how: 'forced' } as const;
  const taken = asGeneration(generation + 1);
  const next = { ...record, generation: taken, since: taken, active: names.westStore, former };
  await sites.clock.finish(sites.west.client.decide(next, generation));
  await sites.clock.finish(sites.west.byWord.mount({ dataset, isPartnerOff: true }));
  assert.equal((await copyOf(sites, sites.west)).gate?.isOpen, true);
  sites.eastStore.startAgain();
  const east = sites.restart(names.eastServer);
  await sites.rounds(longRounds);
  const alone = await copyOf(sites, east);
  assert.equal(alone.state, 'dismounted');
  assert.match(alone.why ?? '', /west-1 may know of a newer decision and cannot be asked/);
  sites.silent.delete(names.eastServer);
  await sites.rounds(8);
  const heard = await copyOf(sites, east);
  assert.equal(heard.record?.active, names.westStore);
  assert.notEqual(heard.gate?.isOpen, true);
});
