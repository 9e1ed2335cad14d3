import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { createOperatorClient } from './client.ts';
import { NoAnswerError, OperatorApiError } from '../operator-error.ts';

type Handle = (request: IncomingMessage, response: ServerResponse) => void;

/** A server that does what the test says, and its address; `asked` are the requests it saw. */
async function aServer(t: TestContext, handle: Handle) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url} ${request.headers.authorization}`);
    response.setHeader('content-type', 'application/json');
    handle(request, response);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, port, asked };
}

/** An address where nothing listens: it was free a moment ago. */
async function nobody(t: TestContext): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => {
    server.close(resolve);
  });
  t.signal.throwIfAborted();
  return `http://127.0.0.1:${port}`;
}

const hello = { name: 'n', server: 'east-1', version: '0', topologyHash: 'h', operator: 'ada' };
const startFailover = { runbook: 'pool-failover' } as const;

test('a request is sent on to the leader with its method, body and token', async (t) => {
  const bodies: string[] = [];
  const leader = await aServer(t, (request, response) => {
    request.on('data', (chunk: Buffer) => bodies.push(chunk.toString()));
    request.on('end', () => response.writeHead(202).end('{"run":"r1"}'));
  });
  const first = await aServer(t, (_request, response) => {
    response.writeHead(307, { location: `${leader.url}/v1/runs` }).end();
  });
  const client = createOperatorClient({ url: first.url, token: 'secret' });
  assert.deepEqual(await client.startRun(startFailover), { run: 'r1' });
  assert.deepEqual(leader.asked, ['POST /v1/runs Bearer secret']);
  assert.deepEqual(JSON.parse(bodies.join('')), startFailover);
});

test('whoever is silent where a request was sent on is told from all being silent', async (t) => {
  const gone = await nobody(t);
  const first = await aServer(t, (request, response) => {
    response.writeHead(307, { location: `${gone}${request.url}` }).end();
  });
  const sentOn = createOperatorClient({ url: first.url, token: 'secret' });
  await assert.rejects(sentOn.listRuns(), { isSentOn: true, mayHaveBeenDone: false });
  const none = createOperatorClient({ url: gone, token: 'secret' });
  await assert.rejects(none.listRuns(), { isSentOn: false });
});

test('the token is not taken to a host that is not of this deployment', async (t) => {
  const stranger = await aServer(t, (_request, response) => response.end('{}'));
  const first = await aServer(t, (_request, response) => {
    const location = `http://localhost:${stranger.port}/v1/runs`;
    response.writeHead(307, { location }).end();
  });
  const client = createOperatorClient({ url: first.url, token: 'secret' });
  await assert.rejects(client.startRun(startFailover), OperatorApiError);
  assert.deepEqual(stranger.asked, []);
});

test('agents that send each other on end after a few turns', async (t) => {
  const lost = await aServer(t, (request, response) => {
    response.writeHead(307, { location: request.url ?? '' }).end();
  });
  const client = createOperatorClient({ url: lost.url, token: 'secret' });
  await assert.rejects(client.startRun(startFailover), NoAnswerError);
  assert.equal(lost.asked.length, 4);
});

test('of several agents the first that answers is asked, and asked again', async (t) => {
  const living = await aServer(t, (request, response) => {
    response.end(JSON.stringify(request.url === '/v1/agent' ? hello : { runs: [] }));
  });
  const client = createOperatorClient({ url: [await nobody(t), living.url], token: 'x' });
  await client.listRuns();
  await client.listRuns();
  assert.deepEqual(await client.hello(), hello);
});

test('when none answers, every address is named with its reason', async (t) => {
  const urls = [await nobody(t), await nobody(t)];
  const client = createOperatorClient({ url: urls, token: 'x' });
  await assert.rejects(client.status(), (error: NoAnswerError) => {
    assert.deepEqual(
      error.tried,
      urls.map((url) => ({ url, why: 'nothing listens there' })),
    );
    assert.equal(error.mayHaveBeenDone, false);
    return true;
  });
});

test('an answer that was lost is not called a failure: it may have been done', async (t) => {
  const dying = await aServer(t, (request) => request.socket.destroy());
  const client = createOperatorClient({ url: dying.url, token: 'x' });
  await assert.rejects(client.startRun(startFailover), { mayHaveBeenDone: true });
  await assert.rejects(client.listRuns(), { mayHaveBeenDone: false });
});

test('a refusal comes with its findings', async (t) => {
  const refusals = [{ severity: 'refusal', code: 'noRoom', why: 'west is too small' }] as const;
  const error = { code: 'refused', what: 'no', todo: 'make room' };
  const agent = await aServer(t, (_request, response) => {
    response.writeHead(409).end(JSON.stringify({ error, refusals }));
  });
  const client = createOperatorClient({ url: agent.url, token: 'x' });
  await assert.rejects(client.startRun(startFailover), { status: 409, refusals });
});

test('an answer of another version is named, not passed on', async (t) => {
  const agent = await aServer(t, (_request, response) => response.end('{"runs":[{"id":1}]}'));
  const client = createOperatorClient({ url: agent.url, token: 'x' });
  await assert.rejects(client.listRuns(), (error: OperatorApiError) => {
    assert.equal(error.answer.error.code, 'notUnderstood');
    assert.match(error.message, /runs\.0\.id/);
    return true;
  });
});

test('a file is sent again whole to where it is sent on', async (t) => {
  let received = '';
  const leader = await aServer(t, (request, response) => {
    request.on('data', (chunk: Buffer) => {
      received += chunk.toString();
    });
    request.on('end', () => response.end('{"id":"i","rows":2,"why":"2 users"}'));
  });
  const first = await aServer(t, (request, response) => {
    response.writeHead(307, { location: `${leader.url}${request.url}` }).end();
  });
  const client = createOperatorClient({ url: first.url, token: 'x' });
  const csv = (): Readable => Readable.from(['name,password\n', 'ada,secret\n']);
  const done = await client.importUsers('east', { id: 'i', csv });
  assert.equal(done.rows, 2);
  assert.equal(received, 'name,password\nada,secret\n');
});

test('what an agent whose store is down cannot tell is asked of another one', async (t) => {
  const answerHello = (request: IncomingMessage, response: ServerResponse) =>
    request.url === '/v1/hello' && response.end(JSON.stringify(hello));
  const error = { code: 'failed', what: 'its store is down', todo: 'start it' };
  const withoutStore = await aServer(t, (request, response) => {
    if (answerHello(request, response) !== false) return;
    response.writeHead(500).end(JSON.stringify({ error }));
  });
  const other = await aServer(t, (request, response) => {
    if (answerHello(request, response) === false) response.end('{"runs":[]}');
  });
  const client = createOperatorClient({ url: [withoutStore.url, other.url], token: 'secret' });
  assert.deepEqual(await client.listRuns(), { runs: [] });
  const alone = createOperatorClient({ url: withoutStore.url, token: 'secret' });
  await assert.rejects(alone.listRuns(), /its store is down/);
  // What changes something is asked once.
  const third = createOperatorClient({ url: [withoutStore.url, other.url], token: 'secret' });
  await assert.rejects(third.startRun(startFailover), /its store is down/);
});
