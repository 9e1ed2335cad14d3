import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { baresip, BaresipPhone } from './baresip/baresip-phone.ts';
import { requireProgram } from './foreign-process.ts';
import { findPhonePort } from './free-port.ts';
import { openPhoneSites, type PhoneSites } from './phone-sites.ts';
import {
  beCalled,
  call,
  leaveMessage,
  refusedSignIn,
  scenarioDomain,
  signIn,
} from './sipp/scenarios.ts';
import { playSipp, SippRun, sipp, type SippSetup } from './sipp/sipp-run.ts';
import { waitFor } from '../e2e/sites/wait-for.ts';
import { bounds } from './bounds.ts';

// SIPp (Debian's 3.6: MD5, no TLS) checks every answer of a dialogue against its scenario.

const crowd = Array.from({ length: 200 }, (_, index) => `user-${index + 1}`);

describe('SIPp', () => {
  let phones: PhoneSites;
  before(async () => {
    await requireProgram(sipp);
    await requireProgram(baresip);
    phones = await openPhoneSites(['ann', 'ben', 'cid', ...crowd], ['wes']);
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

  test('calls another: challenged, rings, is taken, ends', async () => {
    const port = await findPhonePort();
    await playSipp(await setupOf({ scenario: signIn, users: [phones.user('ben')], port }));
    const called = await setupOf({ scenario: beCalled, users: [phones.user('ben')], port });
    await using ben = await SippRun.start(called);
    const users = [{ ...phones.user('ann'), peer: 'ben' }];
    const about = `ben@${scenarioDomain}`;
    await playSipp(await setupOf({ scenario: call, users, about }));
    await ben.wellEnded();
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
    const { name, password } = phones.user('cid');
    await using cid = await BaresipPhone.start({
      folder: join(phones.folder, 'cid'),
      name,
      password,
      domain: scenarioDomain,
      server: phones.sip('east-1'),
      hertz: 440,
    });
    const came = async () => [...(await cid.said()).matchAll(/^message 1 of (\w+)/gm)];
    const all = await waitFor(
      'that the messages come',
      async () => ((await came()).length < users.length ? undefined : await came()),
      bounds.messageMs,
    );
    assert.deepEqual(
      all.map(([, from]) => from),
      ['ann', 'ben'],
    );
  });
});
