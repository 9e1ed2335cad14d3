import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { choosePort, type PortWish } from './choose-port.ts';

async function aWish(t: TestContext): Promise<PortWish & { readonly said: string[] }> {
  const home = await mkdtemp(join(tmpdir(), 'choose-port-'));
  t.after(() => rm(home, { recursive: true, force: true }));
  const said: string[] = [];
  const files = { home, portFile: join(home, 'port') } as PortWish['files'];
  return { files, log: (line) => said.push(line), said };
}

test('no connection gets the port that a store or the witness keeps', async (t) => {
  const wish = await aWish(t);
  const range = await readFile('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').catch(() => '');
  const [from = 0, to = 0] = range.split(/\s+/).map(Number);
  const port = await choosePort(wish);
  assert.ok(port < from || port > to, `${port} lies in ${from} to ${to}`);
  assert.equal(await choosePort(wish), port);
});

test('a kept port that somebody else has got is given up, and that is said', async (t) => {
  const wish = await aWish(t);
  const port = await choosePort(wish);
  const other = createServer().listen({ port, host: '127.0.0.1', exclusive: true });
  await once(other, 'listening');
  t.after(() => other.close());
  const next = await choosePort(wish);
  assert.notEqual(next, port);
  assert.match(wish.said.join(), new RegExp(`Port ${port} stored in .* moves to port ${next}`));
  await assert.rejects(choosePort({ ...wish, port }), { code: 'portTaken' });
});
