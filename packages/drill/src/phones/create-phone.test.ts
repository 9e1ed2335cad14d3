import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openSipServer, type SipServer } from '../testing/a-sip-server.ts';
import { createPhone, type Phone } from './create-phone.ts';
import { openPhoneLine } from './open-phone-line.ts';

type Given = {
  readonly home: SipServer;
  readonly backup: SipServer;
  readonly ann: Phone;
  readonly bob: Phone;
};

/** Two phones on one socket that know both servers of their pool. */
async function withPhones(
  work: (given: Given) => Promise<void>,
  options: { readonly isChallenging?: boolean } = {},
): Promise<void> {
  await using home = await openSipServer('east-store', options);
  await using backup = await openSipServer('west-store', options);
  await using line = await openPhoneLine();
  const addresses = [home.address, backup.address];
  const [ann, bob] = ['ann', 'bob'].map((name) => {
    const user = { name, password: 'x', pool: 'east' };
    return createPhone({ line, user, addresses, domain: 'example.test' });
  });
  assert.ok(ann !== undefined && bob !== undefined);
  await work({ home, backup, ann, bob });
}

const placeOf = ({ address: { address, port } }: SipServer) => `${address}:${port}`;

test('a challenge is answered at once, and ahead of being asked from then on', () =>
  withPhones(
    async ({ home, ann }) => {
      assert.equal(await ann.signIn(), true);
      assert.equal(await ann.signIn(), true);
      assert.deepEqual(home.asked, ['REGISTER', 'REGISTER', 'REGISTER']);
      assert.equal(ann.isSignedIn(), true);
    },
    { isChallenging: true },
  ));

test('a refusal is answered by asking the other at once, and the phone stays there', () =>
  withPhones(async ({ home, backup, ann }) => {
    home.answerAll(503);
    assert.equal(await ann.signIn(), true);
    assert.equal(await ann.signIn(), true);
    assert.deepEqual([home.asked.length, backup.asked.length], [1, 2]);
  }));

test('a 302 is followed to the contact that is liked best', () =>
  withPhones(async ({ home, backup, ann }) => {
    home.answerAll(503);
    await ann.signIn();
    home.answerAll(undefined);
    const contact = `<sip:${placeOf(home)}>;q=0.7, <sip:${placeOf(backup)}>;q=0.3`;
    backup.answerAll(302, contact);
    assert.equal(await ann.signIn(), true);
    assert.deepEqual([home.asked.length, backup.asked.length], [2, 2]);
    assert.ok(home.registered.has('ann'));
  }));

test('where both refuse, each is asked once, and the phone is not signed in', () =>
  withPhones(async ({ home, backup, ann }) => {
    home.answerAll(503);
    backup.answerAll(302, `<sip:${placeOf(home)}>;q=0.7`);
    assert.equal(await ann.signIn(), false);
    assert.deepEqual([home.asked.length, backup.asked.length], [1, 1]);
    assert.equal(ann.isSignedIn(), false);
  }));

test('a server that says nothing is left for the other one', () =>
  withPhones(async ({ home, backup, ann }) => {
    await home[Symbol.asyncDispose]();
    assert.equal(await ann.signIn(), true);
    assert.deepEqual(backup.asked, ['REGISTER']);
  }));

test('a message is answered by the phone that has heard it', () =>
  withPhones(async ({ ann, bob }) => {
    assert.equal((await ann.write('bob', 'first'))?.status, 480);
    await bob.signIn();
    assert.deepEqual(await ann.write('bob', 'second'), { status: 200, store: 'east-store' });
    assert.deepEqual(
      ['first', 'second'].map((body) => bob.heard.message(body)),
      [false, true],
    );
  }));

test('a call is one when the other phone took part from INVITE to BYE', () =>
  withPhones(
    async ({ home, ann, bob }) => {
      assert.equal(await ann.call(bob), false);
      await bob.signIn();
      assert.equal(await ann.call(bob), true);
      assert.equal(home.asked.at(-1), 'BYE');
    },
    { isChallenging: true },
  ));

test('a call goes nowhere once the registration of its phone is gone', () =>
  withPhones(async ({ home, ann, bob }) => {
    await bob.signIn();
    assert.equal(await ann.call(bob), true);
    home.registered.delete('bob');
    assert.equal(await ann.call(bob), false);
  }));
