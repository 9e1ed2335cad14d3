import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import type { TestPhone } from '@understudy/role-registrar/testing';
import { forcePool } from '../../interop/moves.ts';
import { waitWell } from '../sites/open-sites.ts';
import { waitFor } from '../sites/wait-for.ts';
import { type LimitedSites, openLimitedSites } from './limited-sites.ts';

// Two sites of real processes: home is killed, its users live at the backup in limited mode, and
// everything that they were promised there is found once and in order where their data is mounted.

const domain = 'example.test';
const to = (name: string) => ({ uri: `sip:${name}@${domain}`, to: `<sip:${name}@${domain}>` });
const text = (name: string, body: string) => ({
  ...to(name),
  body,
  headers: [['Content-Type', 'text/plain']] as const,
});

describe('limited mode', () => {
  let limited: LimitedSites;
  const phones: TestPhone[] = [];
  before(async () => {
    limited = await openLimitedSites(['ann', 'ben', 'cat', 'dan']);
  });
  after(async () => {
    await Promise.allSettled(phones.map((phone) => phone[Symbol.asyncDispose]()));
    await limited?.[Symbol.asyncDispose]();
  });

  async function signedIn(name: string, server: 'east-1' | 'west-1'): Promise<TestPhone> {
    const phone = await limited.phone(name, server);
    phones.push(phone);
    await waitFor(`the sign-in of ${name}`, async () =>
      (await phone.register()).status === 200 ? true : undefined,
    );
    return phone;
  }

  /** Changes that are to be made in this order; gives what the last one leaves. */
  async function changeMuch(contact: string, round: string): Promise<string> {
    for (let count = 1; count <= 20; count++) {
      const body = { uri: `sip:${round}-${count}@x` };
      const asked = { method: 'PUT', path: `/v1/contacts/${contact}`, body };
      assert.equal((await limited.ask('ann', 'west-1', asked)).status, 202);
      const message = { id: randomUUID(), to: 'dan', body: `${round} ${count}` };
      const sent = { method: 'POST', path: '/v1/messages', body: message };
      assert.equal((await limited.ask('ann', 'west-1', sent)).status, 202);
    }
    return `sip:${round}-20@x`;
  }

  async function seeApplied(
    server: 'east-1' | 'west-1',
    wanted: { readonly uri: string; readonly messages: number },
  ): Promise<void> {
    await waitFor('that all that was queued is applied', async () => {
      const left = await limited.rows('west-1', 'users_west', 'select id from app.queued_changes');
      if (left.length > 0) throw new Error(`${left.length} changes wait`);
      return true;
    });
    const uris = await limited.rows(server, 'users_east', 'select uri from app.contacts');
    assert.deepEqual(uris, [wanted.uri], 'the last change stands');
    const bodies = await limited.rows(
      server,
      'users_east',
      "select body from app.messages where body like '%round%' order by generation, place",
    );
    assert.equal(bodies.length, wanted.messages, 'each message stands once');
    const ofRound = bodies.slice(-20).map((body) => Number(String(body).split(' ')[1]));
    assert.deepEqual(
      ofRound,
      Array.from({ length: 20 }, (_, at) => at + 1),
      'in order',
    );
  }

  const contact = randomUUID();

  test('home is killed: users sign in, call and write at the backup', async () => {
    const cat = await signedIn('cat', 'east-1');
    await limited.sites.killServer('east-1');
    await limited.waitLimited('on');
    await signedIn('ben', 'west-1');
    const ann = await signedIn('ann', 'west-1');
    assert.equal((await ann.ask('INVITE', to('ben'))).status, 200);
    assert.equal((await ann.ask('MESSAGE', text('ben', 'hello'))).status, 200);
    assert.equal((await ann.ask('MESSAGE', text('cat', 'still there?'))).status, 200);
    assert.equal(cat.came.at(-1)?.method, 'MESSAGE', 'a phone that has not noticed is reached');
    assert.equal((await ann.ask('MESSAGE', text('dan', 'for later'))).status, 202);
    const capabilities = await limited.ask('ann', 'west-1', {
      method: 'GET',
      path: '/v1/me/capabilities',
    });
    assert.equal((capabilities.json as { service: string }).service, 'limited');
  });

  test('home comes back: limited mode ends by itself, and nothing is lost or doubled', async () => {
    const uri = await changeMuch(contact, 'round1');
    await limited.sites.agent('east-1').start();
    await limited.waitLimited('off');
    await seeApplied('east-1', { uri, messages: 20 });
    const ann = await limited.phone('ann', 'east-1');
    phones.push(ann);
    await ann.register();
    const ben = phones.find((phone) => phone.contact.startsWith('sip:ben@'));
    const before = ben?.came.length ?? 0;
    assert.equal((await ann.ask('MESSAGE', text('ben', 'welcome back'))).status, 200);
    assert.equal(ben?.came.length, before + 1, 'a guest is called from home, without signing in');
    await waitWell(limited.sites);
  });

  test('home is killed and failed over: queue and guests go on in full service', async () => {
    await limited.sites.killServer('east-1');
    await limited.waitLimited('on');
    const dan = await signedIn('dan', 'west-1');
    const uri = await changeMuch(contact, 'round2');
    await forcePool(limited.sites);
    await limited.waitLimited('off');
    await seeApplied('west-1', { uri, messages: 40 });
    const ann = await limited.phone('ann', 'west-1');
    phones.push(ann);
    const before = dan.came.length;
    assert.equal((await ann.ask('MESSAGE', text('dan', 'and now?'))).status, 200);
    assert.equal(dan.came.length, before + 1, 'who signed in before the failover is called');
  });
});
