import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { defaultTopologyText } from '@understudy/api';
import { shortIntervals, waitLimited } from '../e2e/limited/wait-limited.ts';
import { requireProgram } from './foreign-process.ts';
import { linphone, LinphonePhone } from './linphone/linphone-phone.ts';
import { makeCertificate, openssl } from './make-certificate.ts';
import { forcePool, movePool, returnEast } from './moves.ts';
import { openPhoneSites, type PhoneServer, type PhoneSites } from './phone-sites.ts';
import { scenarioDomain } from './sipp/scenarios.ts';

// Debian's linphone 5.1 over TLS, with SHA-256 alone: neither UDP, nor TCP in the clear, nor MD5.

const names = ['ann', 'ben'] as const;
type Name = (typeof names)[number];

/** Every server speaks TLS with one certificate; phones are challenged for SHA-256 alone. */
const topologyText = defaultTopologyText()
  .replaceAll(/^( +)address: .*$/gm, '$&\n$1tls: { certificate: cert.pem, key: key.pem }')
  .replace(/^domains: .*$/m, '$&\nphoneDigests: [SHA-256]')
  .concat(shortIntervals);

describe('linphone over TLS with SHA-256', () => {
  let phones: PhoneSites;
  let certificate: string;
  const open: Partial<Record<Name, LinphonePhone>> = {};
  /** Calls that each phone has seen the end of. */
  let calls = 0;
  before(async () => {
    for (const program of [linphone, openssl]) await requireProgram(program);
    phones = await openPhoneSites({
      east: names,
      topologyText,
      beforeAgents: async ({ dataDir }) => {
        certificate = await makeCertificate(dataDir);
      },
    });
    await signInBoth('east-1');
  });
  after(async () => {
    await Promise.allSettled(Object.values(open).map((phone) => phone[Symbol.asyncDispose]()));
    await phones?.[Symbol.asyncDispose]();
  });

  const ann = () => open.ann ?? assert.fail('ann has no phone');
  const ben = () => open.ben ?? assert.fail('ben has no phone');

  /** Starts both phones anew, set up with a server. */
  async function signInBoth(server: PhoneServer): Promise<void> {
    calls = 0;
    for (const name of names) {
      await open[name]?.[Symbol.asyncDispose]();
      open[name] = await LinphonePhone.start({
        folder: join(phones.folder, name),
        name,
        password: phones.user(name).password,
        domain: scenarioDomain,
        server: phones.sips(server),
        certificate,
      });
    }
  }

  /** A call from Ann to Ben and back down, and a message each way. */
  async function talkAndWrite(when: string): Promise<void> {
    await ann().call('ben');
    await ann().hangUp();
    calls += 1;
    await ben().waitEnded(calls);
    ann().write('ben', `to ben, ${when}`);
    await ben().waitMessage('ann', `to ben, ${when}`);
    ben().write('ann', `to ann, ${when}`);
    await ann().waitMessage('ben', `to ann, ${when}`);
  }

  test('two phones call and write', async () => {
    await talkAndWrite('at home');
  });

  test('a call stands through a failover; sent on to the backup, they call and write', async () => {
    await ann().call('ben');
    await movePool(phones.sites, 'pool-failover');
    await ann().hangUp();
    calls += 1;
    await ben().waitEnded(calls);
    // Their connections are to a server of east, which leads to them; then it sends them on (302).
    await talkAndWrite('failed over, as they are');
    await signInBoth('east-1');
    await talkAndWrite('failed over');
  });

  test('home again, they are sent home by the backup', async () => {
    await movePool(phones.sites, 'pool-failback');
    await signInBoth('west-1');
    await talkAndWrite('home again');
  });

  test('when home was killed, they sign in at the other site, in limited mode', async () => {
    await phones.sites.killServer('east-1');
    await waitLimited(phones.sites, 'on');
    await signInBoth('west-1');
    await talkAndWrite('in limited mode');
  });

  test('when home is failed over, they call and write as they are', async () => {
    await forcePool(phones.sites);
    await talkAndWrite('failed over by force');
  });

  test('after return and failback they sign in at home', async () => {
    await returnEast(phones.sites);
    await movePool(phones.sites, 'pool-failback');
    await signInBoth('east-1');
    await talkAndWrite('returned');
  });
});
