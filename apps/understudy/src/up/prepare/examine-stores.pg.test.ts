import assert from 'node:assert/strict';
import { access, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { defaultTopologyText } from '@understudy/api';
import { asServer, asStore } from '@understudy/core';
import {
  createPostgresControlStore,
  startTestPostgres,
  storeOwner,
  type TestPostgres,
} from '@understudy/postgres';
import { up } from '../up.ts';

let server: TestPostgres;
let folder: string;
before(async () => {
  server = await startTestPostgres();
  folder = await mkdtemp(join(tmpdir(), 'understudy-examine-'));
});
after(async () => {
  await server[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/** `up --init` of two sites, with east's store on the server by this URL. */
async function upAt(url: string): Promise<never> {
  const data = join(folder, 'data');
  const file = join(folder, 'topology.yaml');
  const text = defaultTopologyText().replace(/ {4}server: east-1\n/, `$&    url: ${url}\n`);
  await writeFile(file, text);
  const io = { say: () => {}, signal: AbortSignal.abort(), agentProgram: '/nowhere' };
  try {
    await up({ data, file, isInit: true }, io);
  } finally {
    await assert.rejects(access(data)); // Nothing was made.
  }
  throw new Error('it was not refused');
}

test("another deployment's PostgreSQL is refused before anything is made", async () => {
  const adminUrl = server.url('postgres');
  const owner = storeOwner({ secret: 'c'.repeat(64), name: 'theirs', dataDir: '/srv/theirs' });
  await using theirs = createPostgresControlStore({
    store: asStore('a'),
    server: asServer('b'),
    adminUrl,
    owner,
  });
  await theirs.admit();
  await assert.rejects(upAt(adminUrl), { code: 'storeRefused', message: /deployment, theirs/ });
});

test('a wrong password is refused before anything is made, and not printed', async () => {
  const url = new URL(server.url('postgres'));
  url.password = 'hunter2';
  await assert.rejects(upAt(url.href), (error: Error) => {
    assert.match(error.message, /password authentication failed/);
    assert.doesNotMatch(error.message, /hunter2/);
    return true;
  });
});
