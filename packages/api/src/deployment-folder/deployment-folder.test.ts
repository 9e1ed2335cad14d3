import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { asPool, asServer, asSite, asStore, defaultLimits, type Topology } from '@understudy/core';
import { createDeployment } from './create-deployment.ts';
import { checkSocketPath, deploymentPaths } from './deployment-paths.ts';
import { takeLock } from './folder-lock.ts';
import { openDeployment, readOperatorToken } from './open-deployment.ts';
import { findOperator } from './operator-token.ts';
import { findProcess, writeProcessFile } from './process-file.ts';
import { assignPorts, checkPortsFree, fillInPorts } from './server-ports.ts';

async function aFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'understudy-folder-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return join(folder, 'data');
}

function aDeployment(dataDir: string, topologyText = 'name: test\n') {
  return createDeployment({ dataDir, topologyText, operator: 'ada' });
}

const topology: Topology = {
  name: 'test',
  domains: [],
  phoneDigests: ['MD5'],
  sites: [{ name: asSite('east') }],
  servers: [
    {
      name: asServer('east-1'),
      site: asSite('east'),
      address: '127.0.0.1',
      ports: { api: 0, peer: 0, users: 0, sip: 0, sips: 0 },
    },
  ],
  stores: [{ name: asStore('east-store'), server: asServer('east-1'), kind: 'embedded', port: 0 }],
  pools: [
    {
      name: asPool('east'),
      servers: [asServer('east-1')],
      userCapacity: 1,
      users: 1,
      routingGroups: 8,
    },
  ],
  datasets: [],
  limits: defaultLimits,
};

test('the operator whose token was written is found, and nobody else is', async (t) => {
  const dataDir = await aFolder(t);
  await aDeployment(dataDir);
  const { operators, secret } = await openDeployment(dataDir);
  const token = await readOperatorToken(dataDir);
  assert.equal(findOperator(operators, token)?.name, 'ada');
  assert.equal(findOperator(operators, `${token}x`), undefined);
  assert.match(secret, /^[0-9a-f]{64}$/);
  assert.ok(!(await readFile(deploymentPaths(dataDir).operators, 'utf8')).includes(token));
});

test('secrets can be read by their owner only', async (t) => {
  const dataDir = await aFolder(t);
  const paths = await aDeployment(dataDir);
  for (const path of [paths.secret, paths.operatorToken]) {
    assert.equal((await stat(path)).mode & 0o777, 0o600);
  }
  await chmod(paths.secret, 0o644);
  await assert.rejects(openDeployment(dataDir), { code: 'openToOthers', where: paths.secret });
});

test('a repeated init keeps secret and token, and another topology is refused', async (t) => {
  const dataDir = await aFolder(t);
  await aDeployment(dataDir);
  const before = await openDeployment(dataDir);
  await aDeployment(dataDir);
  const after = await openDeployment(dataDir);
  assert.equal(after.secret, before.secret);
  assert.deepEqual(after.operators, before.operators);
  await assert.rejects(aDeployment(dataDir, 'name: other\n'), { code: 'alreadyThere' });
});

test('a folder without a deployment says how to make one', async (t) => {
  const dataDir = await aFolder(t);
  await assert.rejects(openDeployment(dataDir), (error: Error) => {
    assert.match(error.message, /understudy up/);
    return true;
  });
});

test('a token file that is not there is said to be that, not a missing deployment', async (t) => {
  const dataDir = await aFolder(t);
  await aDeployment(dataDir);
  const where = join(dataDir, 'nobodys-token');
  const todo = /token/;
  await assert.rejects(readOperatorToken(dataDir, where), { code: 'unreadable', where, todo });
});

test('damaged files are named with what to do', async (t) => {
  const dataDir = await aFolder(t);
  const paths = await aDeployment(dataDir);
  await writeFile(paths.operators, '{"version":1,"operators":[{"name":"ada"}]}');
  await assert.rejects(openDeployment(dataDir), { code: 'damaged', where: paths.operators });
  await writeFile(paths.secret, 'short', { mode: 0o600 });
  await assert.rejects(openDeployment(dataDir), { code: 'damaged', where: paths.secret });
});

test('ports are asked for once and kept, in a folder that need not be there yet', async (t) => {
  const dataDir = await aFolder(t);
  const paths = await aDeployment(dataDir);
  const first = await assignPorts(paths, topology);
  assert.deepEqual(await assignPorts(paths, topology), first);
  assert.deepEqual(await fillInPorts(paths, topology), first);
  const { ports } = first.servers[0] ?? assert.fail();
  const all = [...Object.values(ports), first.stores[0]?.port];
  assert.equal(new Set(all).size, Object.keys(ports).length + 1);
  assert.ok(!all.includes(0));
});

test('no connection gets a port before the server that it is kept for', async (t) => {
  const paths = await aDeployment(await aFolder(t));
  const { servers, stores } = await assignPorts(paths, topology);
  const range = await readFile('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').catch(() => '');
  const [from = 0, to = 0] = range.split(/\s+/).map(Number);
  const all = [...servers.flatMap(({ ports }) => Object.values(ports)), stores[0]?.port ?? 0];
  assert.deepEqual(
    all.filter((port) => port >= from && port <= to),
    [],
  );
});

test('a port that another program has taken is named', async (t) => {
  const dataDir = await aFolder(t);
  const paths = await aDeployment(dataDir);
  await mkdir(paths.server('east-1').folder, { recursive: true });
  const [server = assert.fail()] = (await assignPorts(paths, topology)).servers;
  await checkPortsFree(server, ['api', 'peer'], 'ports.json');
  const other = createServer();
  await new Promise<void>((resolve) => {
    other.listen(server.ports.peer, '127.0.0.1', resolve);
  });
  t.after(() => other.close());
  await assert.rejects(checkPortsFree(server, ['api', 'peer'], 'ports.json'), (error: Error) => {
    assert.match(error.message, new RegExp(`port ${server.ports.peer}, for the peer of east-1`));
    return true;
  });
});

test('a folder is kept up by one process at a time', async (t) => {
  const dataDir = await aFolder(t);
  await mkdir(dataDir);
  const path = join(dataDir, 'up.pid');
  {
    await using _lock = await takeLock(path);
    await assert.rejects(takeLock(path), { code: 'alreadyUp' });
  }
  await using _again = await takeLock(path);
});

test('a lock left by a crash bars nobody, even when its pid is another process now', async (t) => {
  const dataDir = await aFolder(t);
  await mkdir(dataDir);
  const path = join(dataDir, 'up.pid');
  await writeFile(path, `${process.pid}\n1\n`); // This very pid, but begun at another time.
  await using _lock = await takeLock(path);
});

test('of many who find a dead lock one gets it', async (t) => {
  const dataDir = await aFolder(t);
  await mkdir(dataDir);
  const path = join(dataDir, 'up.pid');
  await writeFile(path, '999999999\n\n');
  const locks = await Promise.allSettled([takeLock(path), takeLock(path), takeLock(path)]);
  assert.equal(locks.filter(({ status }) => status === 'fulfilled').length, 1);
});

test('a process file finds the process that it names, and no other', async (t) => {
  const dataDir = await aFolder(t);
  await mkdir(dataDir);
  const path = join(dataDir, 'agent.pid');
  assert.equal(await findProcess(path), undefined);
  await writeProcessFile(path);
  assert.equal(await findProcess(path), process.pid);
  await writeFile(path, `${process.pid}\n1\n`);
  assert.equal(await findProcess(path), undefined);
});

test('a folder too deep for a socket is refused', () => {
  const paths = deploymentPaths(`/${'deep/'.repeat(30)}`).server('east-1');
  assert.throws(() => checkSocketPath(paths), { code: 'pathTooLong' });
});
