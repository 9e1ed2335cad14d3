import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { type Way, openWay } from './way.ts';

/** A server that answers everything in capitals, the way to it, and what it has heard. */
async function aWay(t: TestContext) {
  const heard: string[] = [];
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      heard.push(bytes.toString());
      socket.write(bytes.toString().toUpperCase());
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const way = await openWay(async () => port);
  t.after(async () => {
    await way[Symbol.asyncDispose]();
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { way, heard, sockets };
}

async function aClient(t: TestContext, { port }: Way): Promise<Socket> {
  const client = connect(port, '127.0.0.1');
  t.after(() => client.destroy());
  client.on('error', () => {});
  await once(client, 'connect');
  return client;
}

async function answerTo(client: Socket, words: string): Promise<string> {
  const answer = once(client, 'data') as Promise<[Buffer]>;
  client.write(words);
  return (await answer)[0].toString();
}

/** Another way that is whole: what went over it came after what was sent before. */
async function roundTrip(t: TestContext): Promise<void> {
  const { way } = await aWay(t);
  assert.equal(await answerTo(await aClient(t, way), 'whole'), 'WHOLE');
}

test('what is sent while a way is cut comes late, over old connections and new ones', async (t) => {
  const { way, heard } = await aWay(t);
  const old = await aClient(t, way);
  assert.equal(await answerTo(old, 'before'), 'BEFORE');
  way.cut();
  const late = answerTo(old, 'held');
  const fresh = await aClient(t, way);
  const first = answerTo(fresh, 'waiting');
  await roundTrip(t);
  assert.deepEqual(heard, ['before']);
  way.heal();
  assert.deepEqual(await Promise.all([late, first]), ['HELD', 'WAITING']);
  assert.deepEqual(heard.toSorted(), ['before', 'held', 'waiting']);
});

test('an end that was given up while the way was cut is told when it is whole', async (t) => {
  const { way, sockets } = await aWay(t);
  const client = await aClient(t, way);
  await answerTo(client, 'before');
  const [far] = sockets;
  assert.ok(far !== undefined);
  way.cut();
  client.destroy();
  await roundTrip(t);
  assert.equal(far.readableEnded || far.destroyed, false);
  const ended = once(far, 'close');
  way.heal();
  await ended;
});

test('a way to what does not run ends at once', async (t) => {
  const way = await openWay(async () => undefined);
  t.after(() => way[Symbol.asyncDispose]());
  const client = await aClient(t, way);
  client.resume();
  await once(client, 'close');
});
