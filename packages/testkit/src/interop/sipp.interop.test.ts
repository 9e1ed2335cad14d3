import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { defaultTopologyText } from '@understudy/api';
import { baresip, BaresipPhone } from './baresip/baresip-phone.ts';
import { requireProgram } from './foreign-process.ts';
import { findPhonePort } from './free-port.ts';
import { forcePool, movePool, returnEast } from './moves.ts';
import { openPhoneSites, type PhoneServer, type PhoneSites } from './phone-sites.ts';
import {
  beCalled,
  call,
  leaveMessage,
  refusedSignIn,
  scenarioDomain,
  sendMessage,
  signIn,
  takeMessage,
} from './sipp/scenarios.ts';
import { playSipp, SippRun, sipp, type SippSetup } from './sipp/sipp-run.ts';
import { waitLimited, shortIntervals } from '../e2e/limited/wait-limited.ts';
import { waitFor } from '../e2e/sites/wait-for.ts';
import { bounds } from './bounds.ts';

// SIPp (Debian's 3.6: MD5, no TLS) checks every answer of a dialogue against its scenario.

const crowd = Array.from({ length: 200 }, (_, index) => `user-${index + 1}`);

const topologyText = defaultTopologyText() + shortIntervals;

describe('SIPp', () => {
  let phones: PhoneSites;
  before(async () => {
    await requireProgram(sipp);
    await requireProgram(baresip);
    phones = await openPhoneSites({
      east: ['ann', 'ben', 'cid', 'dan', ...crowd],
      topologyText,
      west: ['wes'],
    });
  });
  after(() => phones?.[Symbol.asyncDispose]());

  let runs = 0;
  async function setupOf(given: Partial<SippSetup> & Pick<SippSetup, 'scenario' | 'users'>) {
    runs += 1;
    const port = await findPhonePort();
    const folder = join(phones.folder, `sipp-${runs}`);
    return { folder, server: phones.sip('east-1'), port, about: scenarioDomain, ...given };
  }

  test('signs in with a digest', async () => {
    await playSipp(await setupOf({ scenario: signIn, users: [phones.user('ann')] }));
  });

  test('is refused with a wrong password', async () => {
    const users = [{ name: 'ann', password: 'wrong' }];
    await playSipp(await setupOf({ scenario: refusedSignIn, users }));
    await assert.rejects(async () => playSipp(await setupOf({ scenario: signIn, users })), /401/);
  });

  test('signs in 200 users, 50 a second', async () => {
    const users = crowd.map((name) => phones.user(name));
    await playSipp(await setupOf({ scenario: signIn, users, perSecond: 50 }));
  });

  /** Ben signs in at a server; Ann calls him and writes to him by the same server. */
  async function callAndWrite(at: PhoneServer): Promise<void> {
    const [port, server] = [await findPhonePort(), phones.sip(at)];
    await playSipp(await setupOf({ scenario: signIn, users: [phones.user('ben')], port, server }));
    const users = [{ ...phones.user('ann'), peer: 'ben' }];
    for (const [scenario, answered] of [
      [call, beCalled],
      [sendMessage, takeMessage],
    ] as const) {
      const asked = await setupOf({ scenario: answered, users: [phones.user('ben')], port });
      await using ben = await SippRun.start(asked);
      const about = `ben@${scenarioDomain}`;
      await playSipp(await setupOf({ scenario, users, about, server }));
      await ben.wellEnded();
    }
  }

  test('calls another: challenged, rings, is taken, ends; and writes', async () => {
    await callAndWrite('east-1');
  });

  test('is asked once who it is, and heard in the other pool', async () => {
    const users = [{ ...phones.user('ann'), peer: 'wes' }];
    const about = `wes@${scenarioDomain}`;
    await playSipp(await setupOf({ scenario: leaveMessage, users, about }));
  });

  test('leaves messages for one who is signed out; they come in order at the sign-in', async () => {
    const users = ['ann', 'ben'].map((name) => ({ ...phones.user(name), peer: 'cid' }));
    const about = `cid@${scenarioDomain}`;
    for (const user of users) {
      await playSipp(await setupOf({ scenario: leaveMessage, users: [user], about }));
    }
    await using cid = await startReader('cid', 'east-1');
    assert.deepEqual(await messagesOf(cid, users.length), ['ann', 'ben']);
  });

  /** A phone that shows what SIPp has written to it. */
  async function startReader(user: string, server: PhoneServer): Promise<BaresipPhone> {
    const { name, password } = phones.user(user);
    const folder = join(phones.folder, name);
    const where = { folder, domain: scenarioDomain, server: phones.sip(server) };
    return await BaresipPhone.start({ name, password, hertz: 440, ...where });
  }

  /** Who has written, in the order in which it came. */
  async function messagesOf(reader: BaresipPhone, count: number): Promise<readonly string[]> {
    return await waitFor(
      'that the messages come',
      async () => {
        const said = await reader.said();
        const all = [...said.matchAll(/^message 1 of (\w+)/gm)].map(([, from = '']) => from);
        return all.length < count ? undefined : all;
      },
      bounds.messageMs,
    );
  }

  test('calls and writes where the pool has moved to, and at home again', async () => {
    await movePool(phones.sites, 'pool-failover');
    await callAndWrite('west-1');
    await movePool(phones.sites, 'pool-failback');
    await callAndWrite('east-1');
  });

  test('calls and writes in limited mode while home is dead', async () => {
    await phones.sites.killServer('east-1');
    await waitLimited(phones.sites, 'on');
    await callAndWrite('west-1');
    // For one who is signed out; it is delivered once the data of the pool is mounted.
    const users = [{ ...phones.user('ann'), peer: 'dan' }];
    const setup = { users, about: `dan@${scenarioDomain}`, server: phones.sip('west-1') };
    await playSipp(await setupOf({ scenario: leaveMessage, ...setup }));
  });

  test('calls and writes after a forced failover; what was left in between has come', async () => {
    await forcePool(phones.sites);
    await callAndWrite('west-1');
    await using dan = await startReader('dan', 'west-1');
    assert.deepEqual(await messagesOf(dan, 1), ['ann']);
  });

  test('calls and writes at home again after return and failback', async () => {
    await returnEast(phones.sites);
    await movePool(phones.sites, 'pool-failback');
    await callAndWrite('east-1');
  });
});
