// What phones ask of each other while they talk, each over sockets of its own and through the
// server: it must arrive whole at the other side, whichever of the two asks.

import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { firstValue, type SipRequest, type Transport } from '@understudy/sip';
import { call, callersDialog, calleesDialog, type TestDialog } from '../testing/a-dialog.ts';
import { openPhone, type TestPhone } from '../testing/a-phone.ts';
import { realm } from '../testing/digest-client.ts';
import { eventually } from '../testing/eventually.ts';
import { type OnePool, startOnePool } from '../testing/one-pool.ts';

let site: OnePool;
before(async () => {
  site = await startOnePool();
  await site.mount();
  for (const name of ['ann', 'ben', 'cat']) await site.add(name, 'right');
});
after(() => site[Symbol.asyncDispose]());
beforeEach(async () => {
  await site.sql(`begin; set local session_replication_role = replica;
                  delete from app.bindings; commit`);
});

async function signedIn(name: string, transport: Transport = 'udp'): Promise<TestPhone> {
  const phone = await openPhone(site.role, { name, password: 'right', transport });
  assert.equal((await phone.register()).status, 200);
  return phone;
}

const last = ({ came }: TestPhone): SipRequest => came.at(-1) ?? assert.fail('nothing came');
const bodyOf = ({ body }: SipRequest) => Buffer.from(body).toString();
const sdp = (direction: string, version = 1) =>
  `v=0\r\no=- 1 ${version} IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n` +
  `m=audio 49170 RTP/AVP 0\r\na=${direction}\r\n`;
const asSdp = [['Content-Type', 'application/sdp']] as const;

/** Both sides of a call that has been taken and acknowledged. */
async function talk(
  caller: TestPhone,
  callee: TestPhone,
  name: string,
): Promise<readonly [TestDialog, TestDialog]> {
  const answer = await call(caller, name, { headers: asSdp, body: sdp('sendrecv') });
  assert.equal(answer.status, 200);
  const sides = [callersDialog(caller, answer), calleesDialog(callee, name)] as const;
  await sides[0].tell('ACK');
  await eventually(() => callee.came.some(({ method }) => method === 'ACK'));
  return sides;
}

/** Asks, and shows what the other side was asked. */
async function reaches(
  [dialog, other]: readonly [TestDialog, TestPhone],
  method: string,
  asked: Parameters<TestDialog['ask']>[1] = {},
): Promise<SipRequest> {
  const answer = await dialog.ask(method, asked);
  assert.ok(answer.status < 300, `${method}: ${answer.status} ${answer.reason}`);
  const came = last(other);
  assert.equal(came.method, method);
  return came;
}

for (const [one, other] of [
  ['udp', 'udp'],
  ['tcp', 'udp'],
  ['tls', 'tcp'],
] as const) {
  test(`${one} and ${other}: each side holds the other, and both go on`, async () => {
    await using ann = await signedIn('ann', one);
    await using ben = await signedIn('ben', other);
    const [anns, bens] = await talk(ann, ben, 'ben');
    for (const [at, direction] of ['sendonly', 'inactive', 'sendrecv'].entries()) {
      const body = sdp(direction, at + 2);
      const asked = { headers: asSdp, body };
      assert.equal(bodyOf(await reaches([anns, ben], 'INVITE', asked)), body);
      await anns.tell('ACK');
      await eventually(() => last(ben).method === 'ACK');
      assert.equal(bodyOf(await reaches([bens, ann], 'INVITE', asked)), body);
      await bens.tell('ACK');
      await eventually(() => last(ann).method === 'ACK');
    }
    await reaches([bens, ann], 'BYE');
  });
}

test('whatever phones ask within a call passes, from both sides, with its fields', async () => {
  await using ann = await signedIn('ann');
  await using ben = await signedIn('ben', 'tcp');
  const [anns, bens] = await talk(ann, ben, 'ben');
  for (const side of [[anns, ben] as const, [bens, ann] as const]) {
    for (const method of ['UPDATE', 'INFO', 'NOTIFY', 'MESSAGE', 'OPTIONS', 'SUBSCRIBE']) {
      const headers = [
        ['Event', 'dialog'],
        ['Info-Package', 'x'],
        ['Content-Type', 'application/x-anything'],
      ] as const;
      const came = await reaches(side, method, { headers, body: 'as it is' });
      assert.deepEqual(
        [bodyOf(came), firstValue(came, 'event'), firstValue(came, 'info-package')],
        ['as it is', 'dialog', 'x'],
      );
    }
  }
  await reaches([anns, ben], 'BYE');
});

test('while it rings, PRACK and UPDATE pass in the dialog that a 180 made (RFC 3262)', async () => {
  await using ann = await signedIn('ann');
  await using ben = await signedIn('ben');
  ben.answers(180);
  const reliable = ['Supported', '100rel'] as const;
  const ringing = call(ann, 'ben', { headers: [reliable] });
  await eventually(() => ann.told.some(({ status }) => status === 180));
  assert.equal(firstValue(last(ben), 'supported'), '100rel');
  const early = ann.told.find(({ status }) => status === 180) ?? assert.fail();
  const anns = callersDialog(ann, early);
  ben.answers(200);
  const rack = [['RAck', '1 1 INVITE']] as const;
  assert.equal(
    firstValue(await reaches([anns, ben], 'PRACK', { headers: rack }), 'rack'),
    rack[0][1],
  );
  await reaches([anns, ben], 'UPDATE', { headers: asSdp, body: sdp('sendrecv') });
  // A second INVITE with the branch of the first would be the same; the phone is hung up on.
  await reaches([anns, ben], 'BYE');
  await ben[Symbol.asyncDispose]();
  void ringing.catch(() => undefined);
});

test('a blind transfer: REFER, its NOTIFYs, and the new call (RFC 3515)', async () => {
  await using ann = await signedIn('ann');
  await using ben = await signedIn('ben', 'tcp');
  await using cat = await signedIn('cat');
  const [anns, bens] = await talk(ann, ben, 'ben');
  const referTo = `<sip:cat@${realm}>`;
  const headers = [
    ['Refer-To', referTo],
    ['Referred-By', `<sip:ben@${realm}>`],
  ] as const;
  ann.answers(202);
  const refer = await reaches([bens, ann], 'REFER', { headers });
  ann.answers(200);
  assert.equal(firstValue(refer, 'refer-to'), referTo);
  const byRefer = ['Referred-By', firstValue(refer, 'referred-by') ?? ''] as const;
  const answer = await call(ann, 'cat', { headers: [byRefer], callId: 'transferred' });
  assert.equal(answer.status, 200);
  assert.equal(firstValue(last(cat), 'referred-by'), `<sip:ben@${realm}>`);
  for (const line of ['SIP/2.0 100 Trying', 'SIP/2.0 200 OK']) {
    const fragment = [
      ['Event', 'refer'],
      ['Subscription-State', 'active'],
      ['Content-Type', 'message/sipfrag'],
    ] as const;
    const notify = await reaches([anns, ben], 'NOTIFY', { headers: fragment, body: line });
    assert.equal(bodyOf(notify), line);
  }
  await reaches([bens, ann], 'BYE');
  await reaches([callersDialog(ann, answer), cat], 'BYE');
});

test('an attended transfer takes the place of the call it names, whatever is set', async () => {
  await using ann = await signedIn('ann');
  await using ben = await signedIn('ben');
  await using cat = await signedIn('cat', 'tcp');
  const [, bens] = await talk(ann, ben, 'ben');
  const [consulting] = await talk(ben, cat, 'cat');
  const [local, remote] = consulting.tags;
  const replaces = `${consulting.callId};to-tag=${remote};from-tag=${local}`;
  const referTo = `<sip:cat@${realm}?Replaces=${encodeURIComponent(replaces)}>`;
  ann.answers(202);
  const refer = await reaches([bens, ann], 'REFER', { headers: [['Refer-To', referTo]] });
  ann.answers(200);
  assert.equal(firstValue(refer, 'refer-to'), referTo);
  // Cat does not want to be disturbed by new calls: this one is none (RFC 3891).
  await site.sql(`begin; set local session_replication_role = replica;
    insert into app.settings (id, user_id, key, value)
    select gen_random_uuid(), id, 'calls', '{"doNotDisturb": true}'
      from app.users where name = 'cat'; commit`);
  const refused = await call(ann, 'cat', { callId: 'refused' });
  assert.equal(refused.status, 480);
  const headers = [
    ['Replaces', replaces],
    ['Require', 'replaces'],
  ] as const;
  const answer = await call(ann, 'cat', { headers, callId: 'taken-over' });
  assert.equal(answer.status, 200);
  assert.equal(firstValue(last(cat), 'replaces'), replaces);
  const cats = calleesDialog(cat, 'cat');
  await reaches([cats, ann], 'BYE');
  await reaches([consulting, cat], 'BYE');
});
