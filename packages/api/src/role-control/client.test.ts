import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { createRoleControlClient, type RoleControlClient, RoleControlError } from './client.ts';

const forwardMs = 1_500;

/** A client of roles that answer so. */
async function withRoles(
  answer: RequestListener,
  work: (client: RoleControlClient) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'understudy-roles-'));
  const path = join(folder, 'roles.sock');
  const server = createServer(answer);
  await new Promise<void>((resolve) => {
    server.listen({ path }, resolve);
  });
  try {
    await work(createRoleControlClient(path, { forwardMs }));
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => {
      server.close(resolve);
    });
    await rm(folder, { recursive: true });
  }
}

test('a long import is waited for while the roles get on', async () => {
  const signs = 10;
  const gettingOn: RequestListener = (_, outgoing) => {
    let said = 0;
    const saying = setInterval(() => {
      said += 1;
      outgoing.writeProcessing();
      if (said < signs) return;
      clearInterval(saying);
      outgoing.end('done');
    }, forwardMs / 6);
  };
  let heard = 0;
  const onProgress = (): void => {
    heard += 1;
  };
  await withRoles(gettingOn, async (client) => {
    const answer = await client.forward({ method: 'POST', path: '/', body: 'csv', onProgress });
    assert.equal(answer.status, 200);
    answer.body.resume();
  });
  assert.equal(heard, signs);
});

test('roles that stop getting on are given up, within the named bound', async () => {
  const stalling: RequestListener = (_, outgoing) => outgoing.writeProcessing();
  await withRoles(stalling, async (client) => {
    const asked = client.forward({ method: 'POST', path: '/', body: 'csv' });
    await assert.rejects(asked, RoleControlError);
    await assert.rejects(asked, /did not answer POST \/ within 1500 ms/);
  });
});
