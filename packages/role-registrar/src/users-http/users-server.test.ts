import assert from 'node:assert/strict';
import type { RequestListener, Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { test } from 'node:test';
import { createUsersServer, usersHttpBounds, withoutFlood } from './users-server.ts';

// Raw sockets that behave as no browser does; the bounds are the real ones, only shorter.

const bounds = {
  ...usersHttpBounds,
  headersMs: 200,
  requestMs: 400,
  idleMs: 300,
  silenceMs: 1_000,
  lookMs: 50,
};

type Door = AsyncDisposable & { readonly server: Server; open(): Socket };

async function aDoor(answer: RequestListener): Promise<Door> {
  const server = createUsersServer(bounds);
  server.on('request', withoutFlood(answer, bounds));
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    server,
    open: () => connect(port, '127.0.0.1'),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

/** Everything that comes until the server ends the connection. */
async function untilClosed(socket: Socket): Promise<string> {
  let text = '';
  socket.on('data', (bytes) => {
    text += String(bytes);
  });
  socket.on('error', () => {}); // A reset is an end as well.
  await new Promise((resolve) => {
    socket.once('close', resolve);
  });
  return text;
}

/** Reads the body to its end, as the real interface does, and says yes. */
const yes: RequestListener = (incoming, outgoing) => {
  incoming.on('error', () => {});
  incoming.resume().on('end', () => outgoing.end('yes'));
};

test('a connection that says nothing, or never ends its headers, is closed', async () => {
  await using door = await aDoor(yes);
  await untilClosed(door.open());
  const slow = door.open();
  slow.write('GET / HTTP/1.1\r\nhost: a\r\nx-drip: ');
  const drip = setInterval(() => slow.write('a'), 50);
  try {
    assert.doesNotMatch(await untilClosed(slow), /200 OK/);
  } finally {
    clearInterval(drip);
  }
});

test('a body that drips is not waited for', async () => {
  await using door = await aDoor(yes);
  const slow = door.open();
  slow.write('POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 60000\r\n\r\n');
  const drip = setInterval(() => slow.write('a'), 50);
  try {
    assert.doesNotMatch(await untilClosed(slow), /200 OK/);
  } finally {
    clearInterval(drip);
  }
});

test('headers beyond the bound are refused', async () => {
  await using door = await aDoor(yes);
  const socket = door.open();
  const closed = untilClosed(socket);
  socket.write(`GET / HTTP/1.1\r\nhost: a\r\nx-long: ${'a'.repeat(bounds.headerBytesMax)}\r\n\r\n`);
  assert.match(await closed, /^HTTP\/1\.1 431 /);
});

test('a half-closed connection is answered and closed', async () => {
  await using door = await aDoor(yes);
  const socket = door.open();
  const closed = untilClosed(socket);
  socket.end('GET / HTTP/1.1\r\nhost: a\r\n\r\n');
  assert.match(await closed, /200 OK[\s\S]*yes/);
});

test('an answered connection that goes silent is closed', async () => {
  await using door = await aDoor(yes);
  const socket = door.open();
  const closed = untilClosed(socket);
  socket.write('GET / HTTP/1.1\r\nhost: a\r\n\r\n');
  assert.match(await closed, /200 OK/);
});

test('a client that reads no answer holds its connection no longer than the bound', async () => {
  let close: () => void = () => {};
  const closed = new Promise<void>((resolve) => {
    close = resolve;
  });
  await using door = await aDoor((incoming, outgoing) => {
    incoming.socket.once('close', close);
    outgoing.end('a'.repeat(64 * 2 ** 20));
  });
  const socket = door.open();
  socket.on('error', () => {});
  socket.pause();
  socket.write('GET / HTTP/1.1\r\nhost: a\r\n\r\n');
  await closed;
  socket.destroy();
});

test('requests in a row are answered in order up to the bound, and no flood is begun', async () => {
  let begun = 0;
  const held: (() => void)[] = [];
  await using door = await aDoor((_, outgoing) => {
    begun += 1;
    held.push(() => outgoing.end('answer'));
  });
  const request = 'GET / HTTP/1.1\r\nhost: a\r\n\r\n';
  const flood = door.open();
  const closed = untilClosed(flood);
  flood.write(request.repeat(bounds.pipelinedMax + 1));
  assert.equal(await closed, '');
  assert.ok(begun <= bounds.pipelinedMax);
  const polite = door.open();
  const answered = untilClosed(polite);
  held.length = 0;
  polite.write(request.repeat(bounds.pipelinedMax));
  while (held.length < bounds.pipelinedMax) {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
  for (const answer of held) answer();
  assert.equal((await answered).split('answer').length - 1, bounds.pipelinedMax);
});
