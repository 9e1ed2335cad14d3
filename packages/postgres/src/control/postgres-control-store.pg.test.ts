import { asServer, asStore } from '@understudy/core';
import { describeControlStore } from '@understudy/ports/conformance';
import { startTestPostgres } from '../embedded/start-test-postgres.ts';
import { createPostgresControlStore } from './create-postgres-control-store.ts';

describeControlStore('PostgreSQL', async () => {
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
