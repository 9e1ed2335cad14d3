import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemChance, systemClock } from '@understudy/ports/system';
import { firstValue } from '@understudy/sip';
import { openSipDoor, type SipDoorOptions } from '../sip/open-sip-door.ts';
import { openPhone } from '../testing/a-phone.ts';
import { realm } from '../testing/digest-client.ts';

test('on the wire: new requests are answered 503 while the process is late', async () => {
  let lateMs = 0;
  const registrar = { arriving: () => 0, pools: () => [], neighbours: () => [] };
  const tools = { registrar, chance: systemChance, domains: [realm] };
  await using door = await openSipDoor({
    host: '127.0.0.1',
    port: 0,
    secret: 'a secret of tests',
    clock: systemClock,
    log: { say: () => {} },
    tools: tools as unknown as SipDoorOptions['tools'],
    late: { lateMs: () => lateMs, end: () => {} },
  });
  await using phone = await openPhone({ sip: door.listening }, { name: 'ann', password: '-' });
  assert.equal((await phone.ask('OPTIONS')).status, 200);
  lateMs = 1_000;
  const refused = await phone.ask('OPTIONS');
  assert.deepEqual([refused.status, refused.reason], [503, 'Too Much To Do']);
  assert.match(firstValue(refused, 'retry-after') ?? '', /^[1-5]$/);
  // Within a dialog nothing is refused early: what it is about is looked at as ever.
  const inDialog = { uri: `sip:ben@elsewhere.test`, to: `<sip:ben@${realm}>;tag=1` };
  assert.equal((await phone.ask('BYE', inDialog)).status, 404);
  lateMs = 0;
  assert.equal((await phone.ask('OPTIONS')).status, 200);
});
