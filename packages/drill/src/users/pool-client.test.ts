import assert from 'node:assert/strict';
import { Agent, createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { createPoolClient } from './pool-client.ts';

const user = { name: 'ann', password: 'x', pool: 'east' };
const served: RequestListener = (_, response) => response.writeHead(200).end('{}');
const refused: RequestListener = (_, response) => response.writeHead(503).end();

/** A client of two servers that answer like this; resolves with who was asked, in order. */
async function asked(
  east: RequestListener,
  west: (eastUrl: string) => RequestListener,
  requests = 1,
): Promise<{ readonly asked: readonly string[]; readonly stores: readonly unknown[] }> {
  const order: string[] = [];
  const noting = (name: string, listener: RequestListener) =>
    createServer((request, response) => {
      order.push(name);
      listener(request, response);
    });
  const home = await listen(noting('east', east));
  const other = await listen(noting('west', west(urlOf(home))));
  const agent = new Agent({ keepAlive: true });
  try {
    const addresses = [
      { url: urlOf(home), stores: ['east-store'] },
      { url: urlOf(other), stores: ['west-store'] },
    ];
    const client = createPoolClient({ user, addresses, agent });
    const stores: unknown[] = [];
    for (let count = 0; count < requests; count += 1) {
      stores.push((await client.request({ method: 'GET', path: '/v1/me' }))?.stores);
    }
    return { asked: order, stores };
  } finally {
    agent.destroy();
    for (const server of [home, other]) server.close();
  }
}

async function listen(server: Server): Promise<Server> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

const urlOf = (server: Server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

test('a refusal is answered by asking the other at once, and the client stays there', async () => {
  const found = await asked(refused, () => served, 2);
  assert.deepEqual(found.asked, ['east', 'west', 'west']);
  assert.deepEqual(found.stores, [['west-store'], ['west-store']]);
});

test('where both refuse, each is asked once', async () => {
  const found = await asked(refused, () => refused);
  assert.deepEqual(found.asked, ['east', 'west']);
  assert.deepEqual(found.stores, [undefined]);
});

test('a redirect to a server that has just refused is not followed in circles', async () => {
  const found = await asked(
    refused,
    (eastUrl) => (_, response) =>
      response.writeHead(307, { location: `${eastUrl}/v1/me?pool=east` }).end(),
  );
  assert.deepEqual(found.asked, ['east', 'west']);
});

test('a challenge is answered at once, and ahead of being asked from then on', async () => {
  const challenging: RequestListener = (request, response) => {
    if (request.headers.authorization !== undefined) return response.writeHead(200).end('{}');
    const challenge = 'Digest realm="r", qop="auth", algorithm=SHA-256, nonce="n"';
    return response.writeHead(401, { 'www-authenticate': challenge }).end();
  };
  const found = await asked(challenging, () => refused, 2);
  assert.deepEqual(found.asked, ['east', 'east', 'east']);
});
