import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { aClient } from '../testing/digest-client.ts';
import { type OnePool, startOnePool } from '../testing/one-pool.ts';

let site: OnePool;
const anna = aClient({ name: 'anna', password: 'correct horse' });

before(async () => {
  site = await startOnePool();
  await site.mount();
  await site.add('anna', 'correct horse');
  await site.add('bert', 'battery staple');
});
after(() => site[Symbol.asyncDispose]());

test('a user signs in with any of the algorithms, and with a wrong password never', async () => {
  for (const algorithm of ['MD5', 'SHA-256', 'SHA-512-256'] as const) {
    const client = aClient({ name: 'anna', password: 'correct horse' }, algorithm);
    const answer = await client(`${site.url}/v1/me`);
    assert.equal(answer.status, 200, await answer.text());
  }
  const me = (await (await anna(`${site.url}/v1/me`)).json()) as Record<string, unknown>;
  assert.equal(me['name'], 'anna');
  assert.equal(me['pool'], 'east');
  assert.equal((await aClient({ name: 'anna', password: 'x' })(`${site.url}/v1/me`)).status, 401);
  assert.equal((await aClient({ name: 'nobody', password: 'x' })(`${site.url}/v1/me`)).status, 401);
});

test('contacts, groups and settings are kept, and repeating a write changes nothing', async () => {
  const [group, contact] = [randomUUID(), randomUUID()];
  const put = (path: string, body: unknown) => anna(`${site.url}${path}`, { method: 'PUT', body });
  assert.equal((await put(`/v1/groups/${group}`, { name: 'friends' })).status, 200);
  const bert = { uri: 'sip:bert@example.org', displayName: 'Bert', groupId: group };
  for (const _ of [1, 2]) assert.equal((await put(`/v1/contacts/${contact}`, bert)).status, 200);
  assert.equal((await put('/v1/settings/theme', { value: { dark: true } })).status, 200);
  const read = async (path: string) => (await anna(`${site.url}${path}`)).json();
  assert.deepEqual(await read('/v1/contacts'), { contacts: [{ id: contact, ...bert }] });
  assert.deepEqual(await read('/v1/settings'), {
    settings: [{ key: 'theme', value: { dark: true } }],
  });
  const gone = () => anna(`${site.url}/v1/contacts/${contact}`, { method: 'DELETE' });
  assert.equal((await gone()).status, 204);
  assert.equal((await gone()).status, 204);
  assert.deepEqual(await read('/v1/contacts'), { contacts: [] });
});

test('nobody writes over the contact of another by naming its id', async () => {
  const id = randomUUID();
  const body = { uri: 'sip:a@example.org' };
  const asking = { method: 'PUT', body };
  assert.equal((await anna(`${site.url}/v1/contacts/${id}`, asking)).status, 200);
  const bert = aClient({ name: 'bert', password: 'battery staple' });
  assert.equal((await bert(`${site.url}/v1/contacts/${id}`, asking)).status, 409);
  const elsewhere = { ...body, groupId: randomUUID() };
  const strange = await anna(`${site.url}/v1/contacts/${randomUUID()}`, {
    method: 'PUT',
    body: elsewhere,
  });
  assert.equal(strange.status, 409);
});

test('E13: a message sent twice stands in the mailbox once, at the same place', async () => {
  const body = { id: randomUUID(), to: 'bert', body: 'hello' };
  const send = async () => {
    const answer = await anna(`${site.url}/v1/messages`, { method: 'POST', body });
    assert.equal(answer.status, 201);
    return (await answer.json()) as { readonly position: string };
  };
  const [first, again] = [await send(), await send()];
  assert.equal(first.position, again.position);
  const bert = aClient({ name: 'bert', password: 'battery staple' });
  const page = (await (await bert(`${site.url}/v1/messages`)).json()) as Page;
  assert.deepEqual(page.messages.filter(({ id }) => id === body.id).length, 1);
  const other = { ...body, body: 'another text' };
  const refused = await anna(`${site.url}/v1/messages`, { method: 'POST', body: other });
  assert.equal(refused.status, 409);
});
type Page = {
  readonly messages: readonly { readonly id: string; readonly position: string }[];
  readonly position: string;
  readonly hasMore: boolean;
};

test('messages sent at once all arrive, each at a place of its own, read in pages', async () => {
  await site.add('carl', 'carls password');
  const ids = Array.from({ length: 150 }, () => randomUUID());
  const sent = await Promise.all(
    ids.map((id) =>
      anna(`${site.url}/v1/messages`, { method: 'POST', body: { id, to: 'carl', body: id } }),
    ),
  );
  assert.deepEqual(new Set(sent.map(({ status }) => status)), new Set([201]));
  const carl = aClient({ name: 'carl', password: 'carls password' });
  const read: Page['messages'][number][] = [];
  let after = '';
  for (;;) {
    const page = (await (await carl(`${site.url}/v1/messages?limit=40${after}`)).json()) as Page;
    read.push(...page.messages);
    if (!page.hasMore) break;
    after = `&after=${page.position}`;
  }
  assert.deepEqual(new Set(read.map(({ id }) => id)), new Set(ids));
  assert.equal(new Set(read.map(({ position }) => position)).size, ids.length);
});

test('one bad write in a batch fails alone', async () => {
  const good = Array.from({ length: 20 }, (_, index) => `key-${index}`);
  await site.sql(`alter table app.settings add constraint no_bad check (key <> 'bad')`);
  const put = (key: string) =>
    anna(`${site.url}/v1/settings/${key}`, { method: 'PUT', body: { value: 1 } });
  const [refused, ...done] = await Promise.all([put('bad'), ...good.map(put)]);
  assert.equal(refused.status, 409);
  assert.deepEqual(new Set(done.map(({ status }) => status)), new Set([200]));
});

test('a setting that no store can hold is refused before it is queued or written', async () => {
  const put = (value: unknown) =>
    anna(`${site.url}/v1/settings/odd`, { method: 'PUT', body: { value } });
  const nested = (depth: number): unknown => (depth === 0 ? 1 : [nested(depth - 1)]);
  const [nul, half] = [String.fromCharCode(0), String.fromCharCode(0xd800)];
  for (const value of [`a${nul}b`, { [`a${half}`]: 1 }, [[half]], nested(101)]) {
    const answer = await put(value);
    assert.equal(answer.status, 400, JSON.stringify(value));
    const { error } = (await answer.json()) as { readonly error: { readonly where: string } };
    assert.equal(error.where, 'body.value');
  }
  for (const value of [nested(100), { a: '\u{1f600}', b: [null, 0.5] }]) {
    assert.equal((await put(value)).status, 200);
  }
});

test('what is malformed is refused with its place', async () => {
  const wrong = await anna(`${site.url}/v1/messages`, { method: 'POST', body: { id: 'x' } });
  assert.equal(wrong.status, 400);
  const said = (await wrong.json()) as { readonly error: { readonly where: string } };
  assert.equal(said.error.where, 'body.id');
  const body = { id: randomUUID(), to: 'nobody', body: '' };
  assert.equal((await anna(`${site.url}/v1/messages`, { method: 'POST', body })).status, 404);
  const huge = { method: 'PUT', body: { value: 'x'.repeat(70_000) } };
  assert.equal((await anna(`${site.url}/v1/settings/huge`, huge)).status, 413);
});
