import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { assertTone, baresip, BaresipPhone } from './baresip/baresip-phone.ts';
import { requireProgram } from './foreign-process.ts';
import { dnsmasq, NamesServer, type ServiceRecord } from './names/names-server.ts';
import { openPhoneSites, type PhoneServer, type PhoneSites } from './phone-sites.ts';
import { scenarioDomain } from './sipp/scenarios.ts';

const tones = { ann: 440, ben: 1_000 } as const;
type Name = keyof typeof tones;
/** Of voice, whenever a test listens. */
const listenSeconds = 2;
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
    phones = await openPhoneSites({ east: Object.keys(tones) });
    const record = (server: PhoneServer, priority: number): ServiceRecord => {
      const [address = '', port] = phones.sip(server).split(':');
      const target = `${server}.${scenarioDomain}`;
      return { service: `_sip._tcp.${poolName}`, priority, target, address, port: Number(port) };
    };
    names = await NamesServer.start(join(phones.folder, 'names'), [
      record('east-1', 10),
      record('west-1', 20),
    ]);
    for (const name of ['ann', 'ben'] as const) {
      open[name] = await BaresipPhone.start({
        folder: join(phones.folder, name),
        name,
        password: phones.user(name).password,
        domain: scenarioDomain,
        server: poolName,
        transport: 'tcp',
        names: names.place,
        hertz: tones[name],
      });
    }
  });
  after(async () => {
    await Promise.allSettled(Object.values(open).map((phone) => phone[Symbol.asyncDispose]()));
    await names?.[Symbol.asyncDispose]();
    await phones?.[Symbol.asyncDispose]();
  });
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
});
