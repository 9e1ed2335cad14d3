import { after, test } from 'node:test';
import { asServer, asStore } from '@understudy/core';
import { controlStoreSuite } from '@understudy/ports/conformance';
import { startTestPostgres } from '../embedded/start-test-postgres.ts';
import { createPostgresControlStore } from './create-postgres-control-store.ts';

const suite = controlStoreSuite(async () => {
  const server = await startTestPostgres();
  const control = createPostgresControlStore({
    store: asStore('east-store'),
    server: asServer('east-1'),
    adminUrl: server.url('postgres'),
  });
  return {
    control,
    async [Symbol.asyncDispose]() {
      await control[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
});

after(suite.close);
for (const [title, run] of suite.cases) void test(`control store: ${title}`, run);
