import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { shortIntervals, waitLimited } from '../e2e/limited/wait-limited.ts';
import { waitWell } from '../e2e/sites/open-sites.ts';
import { defaultTopologyText } from '@understudy/api';
import { assertTone, baresip, BaresipPhone } from './baresip/baresip-phone.ts';
import { secondsOf } from './baresip/tone.ts';
import { requireProgram } from './foreign-process.ts';
import { forcePool, movePool, returnEast } from './moves.ts';
import { openPhoneSites, type PhoneSites, waitListening } from './phone-sites.ts';
import { scenarioDomain } from './sipp/scenarios.ts';

// Two phones (Debian's baresip 1.0) of pool east talk while the pool moves, is lost, comes home.
// Each says a tone of its own; voice has arrived where the tone of the other is heard.

const tones = { ann: 440, ben: 1_000 } as const;
type Name = keyof typeof tones;
type Server = 'east-1' | 'west-1';

const topologyText = defaultTopologyText() + shortIntervals;

/** Of voice, whenever a test listens. */
const listenSeconds = 2;

describe('two phones in a call', () => {
  let phones: PhoneSites;
  const open: Partial<Record<Name, BaresipPhone>> = {};
  before(async () => {
    await requireProgram(baresip);
    phones = await openPhoneSites({ east: Object.keys(tones), topologyText });
    for (const name of ['ann', 'ben'] as const) await signIn(name, 'east-1');
  });
  after(async () => {
    await Promise.allSettled(Object.values(open).map((phone) => phone[Symbol.asyncDispose]()));
    await phones?.[Symbol.asyncDispose]();
  });

  const ann = () => open.ann ?? assert.fail('ann has no phone');
  const ben = () => open.ben ?? assert.fail('ben has no phone');

  /** Starts the user's phone anew, set up with a server. */
  async function signIn(name: Name, server: Server): Promise<void> {
    await open[name]?.[Symbol.asyncDispose]();
    const { password } = phones.user(name);
    open[name] = await BaresipPhone.start({
      folder: join(phones.folder, name),
      name,
      password,
      domain: scenarioDomain,
      server: phones.sip(server),
      hertz: tones[name],
      peer: name === 'ann' ? 'ben' : 'ann',
    });
  }

  async function call(): Promise<void> {
    await ben().forgetVoice();
    await ann().call('ben');
    await hearEachOther();
  }

  async function hearEachOther(): Promise<void> {
    const [atAnn, atBen] = await Promise.all(
      [ann(), ben()].map((each) => each.hears(listenSeconds)),
    );
    assertTone(atAnn ?? assert.fail(), tones.ben);
    assertTone(atBen ?? assert.fail(), tones.ann);
  }

  /** Ann hangs up; that Ben's phone knows shows that her BYE found it. */
  async function hangUp(): Promise<void> {
    await ann().hangUp();
    await ben().waitIdle();
    await ann().waitIdle();
  }

  async function writeEachOther(when: string): Promise<void> {
    await ann().write(`to ben, ${when}`);
    await ben().waitMessage(`to ben, ${when}`);
    await ben().write(`to ann, ${when}`);
    await ann().waitMessage(`to ann, ${when}`);
  }

  test('they hear each other, until one hangs up; and they write', async () => {
    await call();
    assert.deepEqual([await ann().calls(), await ben().calls()], [1, 1]);
    await hangUp();
    await writeEachOther('at home');
  });

  test('their voice goes on while the pool moves; then they find each other again', async () => {
    await call();
    await movePool(phones.sites, 'pool-failover');
    await hearEachOther();
    for (const phone of [ann(), ben()]) {
      const other = phone === ann() ? tones.ben : tones.ann;
      const all = await phone.heard();
      assert.ok(secondsOf(all) > 2 * listenSeconds);
      assertTone(all, other); // Of the whole call, the move in its middle included.
    }
    await hangUp();
    // Both are set up with a server of east, which has handed the pool over.
    await call();
    await hangUp();
    await writeEachOther('failed over');
    assert.deepEqual([await ann().signIns(), await ben().signIns()], [1, 1]);
  });

  test('home again, they still need not sign in', async () => {
    await movePool(phones.sites, 'pool-failback');
    await call();
    await hangUp();
    assert.deepEqual([await ann().signIns(), await ben().signIns()], [1, 1]);
  });

  test('their voice outlives the site; each hangs up alone', async () => {
    await call();
    await phones.sites.killServer('east-1');
    await hearEachOther();
    // The server that the dialog's route names is gone: a BYE arrives nowhere.
    await ann().hangUp();
    await ben().hangUp();
    await ann().waitIdle();
    await ben().waitIdle();
  });

  test('in limited mode they sign in at the other site, and call', async () => {
    await waitLimited(phones.sites, 'on');
    await signIn('ann', 'west-1');
    await call(); // Ben's phone has noticed nothing: what leads to it came along with the data.
    await hangUp();
    await signIn('ben', 'west-1');
    await call();
    await hangUp();
    await writeEachOther('in limited mode');
  });

  test('after a forced failover they call as they are', async () => {
    await forcePool(phones.sites);
    await call();
    await hangUp();
    await writeEachOther('failed over by force');
  });

  test('after return and failback they call as they are', async () => {
    await returnEast(phones.sites);
    await movePool(phones.sites, 'pool-failback');
    await call();
    await hangUp();
    assert.deepEqual([await ann().signIns(), await ben().signIns()], [1, 1]);
    await signIn('ben', 'east-1');
    await call();
    await hangUp();
  });

  test('a call outlives a restart of its server, which then passes the hang-up on', async () => {
    await call();
    await phones.sites.killServer('east-1');
    await phones.sites.agent('east-1').start();
    await waitWell(phones.sites);
    await waitListening(phones.sip('east-1'));
    await hearEachOther();
    await hangUp();
  });
});
