import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  createDigestClient,
  type DigestAlgorithm,
  fieldsOf,
  firstValue,
  type SipResponse,
} from '@understudy/sip';
import { openPhone, type TestPhone } from '../testing/a-phone.ts';
import { realm } from '../testing/digest-client.ts';
import { type OnePool, startOnePool } from '../testing/one-pool.ts';

let site: OnePool;
before(async () => {
  site = await startOnePool();
  await site.mount();
  for (const name of ['ann', 'ben']) await site.add(name, 'right');
});
after(() => site[Symbol.asyncDispose]());

const phoneOf = (name: string, password: string) => openPhone(site.role, { name, password });
const challengesIn = (response: SipResponse) =>
  fieldsOf(response, 'www-authenticate').map(({ value }) => value);

/** What does not differ by chance: everything but nonces, tags and times. */
function inShort(response: SipResponse): string {
  const fields = response.headers
    .filter(({ key }) => !['via', 'call-id', 'from', 'to', 'cseq', 'date'].includes(key))
    .map(({ name, value }) => `${name}: ${value.replaceAll(/nonce="[^"]*"/g, 'nonce')}`);
  return [response.status, response.reason, ...fields].join('\n');
}

async function guesses(name: string, count: number): Promise<readonly string[]> {
  await using phone = await phoneOf(name, 'wrong');
  const answers: string[] = [];
  for (let guess = 0; guess < count; guess += 1) answers.push(inShort(await phone.register()));
  return answers;
}

test('guessing is slowed down alike for a user who exists and one who does not', async () => {
  const anns = await guesses('ann', 10);
  const nobodys = await guesses('nobody', 10);
  assert.deepEqual(anns, nobodys);
  const statuses = anns.map((each) => Number(each.slice(0, 3)));
  assert.deepEqual(statuses, [...Array<number>(8).fill(401), 500, 500]);
  assert.match(anns.at(-1) ?? '', /Retry-After: \d/);
  await using ben = await phoneOf('ben', 'right');
  assert.equal((await ben.register()).status, 200, 'others behind the address sign in');
});

test('who is slowed down calls nobody either, and the right password waits too', async () => {
  await guesses('ann', 10);
  await using ann = await phoneOf('ann', 'right');
  const called = await ann.ask('INVITE', { uri: `sip:ben@${realm}`, to: `<sip:ben@${realm}>` });
  assert.equal(called.status, 500);
  assert.match(firstValue(called, 'retry-after') ?? '', /^\d+$/);
});

/** Answers of one client to the challenge that a phone was sent. */
async function anAnswerer(phone: TestPhone, algorithm: DigestAlgorithm = 'MD5') {
  const login = createDigestClient({ name: 'ben', password: 'right', algorithms: [algorithm] });
  // Without an answer of its own, so that nothing is counted.
  const asked = await phone.ask('REGISTER', { from: `<sip:ben@${realm}>;tag=1` });
  assert.ok(login.learn(challengesIn(asked)), `${asked.status} ${asked.reason}`);
  return (value = login.answer('REGISTER', `sip:${realm}`) ?? assert.fail()) => value;
}

test('an answer that was heard and is sent again proves nothing', async () => {
  await using phone = await openPhone(site.role, {
    name: 'ben',
    password: 'x',
    algorithm: 'SHA-512-256',
  });
  const answer = (await anAnswerer(phone))();
  const send = (value: string) => phone.ask('REGISTER', { headers: [['Authorization', value]] });
  assert.equal((await send(answer)).status, 200);
  const replayed = await send(answer);
  assert.equal(replayed.status, 401);
  assert.match(challengesIn(replayed)[0] ?? '', /stale=true/);
  const otherCount = answer.replace('nc=00000001', 'nc=00000002');
  assert.equal((await send(otherCount)).status, 401, 'the count is signed');
});

test('an answer for one method or address serves no other', async () => {
  await using phone = await openPhone(site.role, {
    name: 'ben',
    password: 'x',
    algorithm: 'SHA-512-256',
  });
  const answer = (await anAnswerer(phone))();
  const elsewhere = answer.replace(`uri="sip:${realm}"`, 'uri="sip:example.com"');
  const send = (value: string) => phone.ask('REGISTER', { headers: [['Authorization', value]] });
  assert.equal((await send(elsewhere)).status, 401);
  const asProxy = answer;
  const text = [
    ['Proxy-Authorization', asProxy],
    ['Content-Type', 'text/plain'],
  ] as const;
  const uri = `sip:ann@${realm}`;
  const sent = await phone.ask('MESSAGE', { uri, to: `<${uri}>`, headers: text, body: 'x' });
  assert.equal(sent.status, 407);
});
