import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { defaultTopologyText } from '@understudy/api';
import type { DnsRecord } from '@understudy/core';
import { shortIntervals, waitLimited } from '../e2e/limited/wait-limited.ts';
import { runCommand } from '../e2e/sites/run-command.ts';
import { assertTone, baresip, BaresipPhone } from './baresip/baresip-phone.ts';
import { requireProgram } from './foreign-process.ts';
import { dnsmasq, NamesServer } from './names/names-server.ts';
import { openPhoneSites, type PhoneSites } from './phone-sites.ts';
import { scenarioDomain } from './sipp/scenarios.ts';

const tones = { ann: 440, ben: 1_000 } as const;
type Name = keyof typeof tones;
/** Of voice, whenever a test listens. */
const listenSeconds = 2;
/** Phones that sign in again sooner than limited mode begins come over as soon as it has. */
const registrationSeconds = 4;
const detectionMs = 5_000;
/** From the end of the detection interval until both phones are served. */
const servedMs = 2_000;
const topologyText = `${defaultTopologyText()}${shortIntervals}  registrationMinMs: 1000\n`;

/** Whose records (RFC 2782) name home first and the backup second. */
const poolName = `east.${scenarioDomain}`;

// Debian's baresip asks for the records of its outbound proxy; over TCP it tries the next one at
// once where a server refuses.

describe('two phones that know their pool by one name', () => {
  let phones: PhoneSites;
  let names: NamesServer;
  const open: Partial<Record<Name, BaresipPhone>> = {};
  before(async () => {
    for (const program of [baresip, dnsmasq]) await requireProgram(program);
    phones = await openPhoneSites({ east: Object.keys(tones), topologyText });
    names = await NamesServer.start(join(phones.folder, 'names'), await recordsOfEast());
    for (const name of ['ann', 'ben'] as const) {
      open[name] = await BaresipPhone.start({
        folder: join(phones.folder, name),
        name,
        password: phones.user(name).password,
        domain: scenarioDomain,
        server: poolName,
        transport: 'tcp',
        names: names.place,
        registrationSeconds,
        peer: name === 'ann' ? 'ben' : 'ann',
        hertz: tones[name],
      });
    }
  });
  after(async () => {
    await Promise.allSettled(Object.values(open).map((phone) => phone[Symbol.asyncDispose]()));
    await names?.[Symbol.asyncDispose]();
    await phones?.[Symbol.asyncDispose]();
  });
  /** What `understudy pool dns` prints. */
  async function recordsOfEast(): Promise<readonly DnsRecord[]> {
    const { dataDir } = phones.sites.paths;
    const said = await runCommand('pool', 'dns', 'east', '--json', '--data', dataDir);
    assert.equal(said.exit, 0, said.err);
    return (JSON.parse(said.out) as { records: readonly DnsRecord[] }).records;
  }

  const ann = () => open.ann ?? assert.fail('ann has no phone');
  const ben = () => open.ben ?? assert.fail('ben has no phone');

  async function call(): Promise<void> {
    await ben().forgetVoice();
    await ann().call('ben');
    assertTone(await ben().hears(listenSeconds), tones.ann);
    await ann().hangUp();
    await ben().waitIdle();
  }

  test('they sign in at home, which the name puts first, and call', async () => {
    await call();
  });

  test('home dies: the other side serves both within the detection interval and 2 s', async () => {
    await phones.sites.killServer('east-1');
    const diedAtMs = Date.now();
    const place = phones.sip('west-1');
    await Promise.all([ann(), ben()].map((phone) => phone.waitSignedInAt(place)));
    const tookMs = Date.now() - diedAtMs;
    assert.ok(tookMs < detectionMs + servedMs, `it took ${tookMs} ms`);
    await call();
    await ann().write('in limited mode');
    await ben().waitMessage('in limited mode');
  });

  test('home comes back: they are home again by themselves, and call', async () => {
    await phones.sites.agent('east-1').start();
    await waitLimited(phones.sites, 'off');
    const place = phones.sip('east-1');
    await Promise.all([ann(), ben()].map((phone) => phone.waitSignedInAt(place)));
    await call();
  });
});
