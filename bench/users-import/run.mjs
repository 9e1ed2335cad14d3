/* oxlint-disable typescript/no-unsafe-assignment, typescript/no-unsafe-call, typescript/no-unsafe-member-access, typescript/no-unsafe-return --
   Plain JavaScript over built packages: it runs without a build of its own. */
// Imports a CSV of users through the role's administration door into a store with fsync on.
// Usage, after `npm run build`: node bench/users-import/run.mjs [USERS]
import { randomUUID } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { Readable } from 'node:stream';
import {
  admin,
  startOnePool,
  usersPath,
} from '../../packages/role-registrar/build/testing/one-pool.js';

const users = Number(process.argv[2] ?? 200_000);
const site = await startOnePool({ isDurable: true, importPieceRows: 5_000 });
try {
  await site.mount();
  const path = `${usersPath}/import?id=${randomUUID()}`;
  const began = performance.now();
  const done = await admin(site.control, { method: 'POST', path, body: Readable.from(csv()) });
  const seconds = (performance.now() - began) / 1000;
  const heap = process.memoryUsage();
  console.log(
    JSON.stringify({
      users,
      status: done.status,
      seconds: Number(seconds.toFixed(1)),
      usersPerSecond: Math.round(users / seconds),
      processMb: Math.round(heap.rss / 2 ** 20),
    }),
  );
  const again = performance.now();
  const groups = ['east-rg1', 'east-rg2'];
  const counts = await site.control.hydrate({ dataset: 'users-east', groups });
  console.log(
    JSON.stringify({
      hydrated: counts.reduce((sum, each) => sum + each.users, 0),
      milliseconds: Math.round(performance.now() - again),
    }),
  );
} finally {
  await site[Symbol.asyncDispose]();
}

function* csv() {
  yield 'name,display_name,password\n';
  for (let from = 0; from < users; from += 1000) {
    let text = '';
    for (let index = from; index < Math.min(users, from + 1000); index++) {
      text += `user${index},"User, number ${index}",secret number ${index}\n`;
    }
    yield text;
  }
}
