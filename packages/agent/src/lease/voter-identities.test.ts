import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asVoter, type ServerName, witnessName } from '@understudy/core';
import { names } from '@understudy/core/testing';
import { FakeVotes } from '@understudy/ports/fake';
import type { Agent } from '../agent.ts';
import { type TwoSites, twoSites } from '../testing/two-sites.ts';
import { VoterIdentities } from './voter-identities.ts';

const { westServer: west, usersEast } = names;

test('N1: one store under two names has one vote, whoever is seen first', () => {
  for (const order of [
    ['east-1', 'witness'],
    ['witness', 'east-1'],
  ]) {
    const identities = new VoterIdentities();
    for (const name of order) identities.note(asVoter(name), 'one');
    assert.equal(identities.findDoubt(asVoter('east-1')), undefined);
    const why = identities.findDoubt(witnessName) ?? '';
    assert.match(why, /^it is the same store as east-1, which votes already/);
    identities.note(witnessName, 'another');
    assert.equal(identities.findDoubt(witnessName), undefined);
  }
});

test('N2: a witness that another server knows as another store has no vote until it is one', () => {
  const identities = new VoterIdentities();
  const told = (identity?: string) => [
    { voter: witnessName, isSilent: false, ...(identity === undefined ? {} : { identity }) },
  ];
  identities.hear(west, told('bbbbbbbb-2'));
  assert.equal(identities.findDoubt(witnessName), undefined);
  identities.note(witnessName, 'aaaaaaaa-1');
  const why = identities.findDoubt(witnessName) ?? '';
  assert.match(why, /^west-1 asks another store by that name \(bbbbbbbb, here aaaaaaaa\)/);
  identities.hear(west, told()); // Its agent has started anew and has not looked yet.
  assert.notEqual(identities.findDoubt(witnessName), undefined);
  identities.hear(west, told('aaaaaaaa-1'));
  assert.equal(identities.findDoubt(witnessName), undefined);
});

async function seenBy({ clock }: TwoSites, agent: Agent) {
  const { copies, votes } = await clock.finish(agent.report());
  const told = votes?.voters.find(({ voter }) => voter === witnessName);
  const state = copies.find(({ dataset }) => dataset === usersEast)?.state;
  return { state, error: told?.error ?? '' };
}

test('N2: two witnesses of one name are told apart, and neither makes a majority', async () => {
  const second = new FakeVotes();
  let isApart = false;
  const witnessOf = (from: ServerName) => (isApart && from === west ? second : undefined);
  const sites = await twoSites({}, { isVoted: true, witnessOf });
  isApart = true; // West's server was started from another folder, with a witness of its own.
  sites.restart(west);
  await sites.rounds(12);
  const apart = await seenBy(sites, sites.east);
  assert.equal(apart.state, 'mounted');
  assert.match(apart.error, /^west-1 asks another store by that name .* share a folder$/);
  sites.silent.add(west);
  await sites.rounds(20);
  assert.equal((await seenBy(sites, sites.east)).state, 'dismounted');
  sites.silent.clear();
  isApart = false;
  sites.restart(west);
  await sites.rounds(20);
  assert.deepEqual(await seenBy(sites, sites.east), { state: 'mounted', error: '' });
});
