// All ways of one drill, on a thread of their own: what sites say to each other must not wait for
// the drill's users.
import { parentPort, workerData } from 'node:worker_threads';
import { findEmbeddedPostgres } from '@understudy/postgres';
import { type Way, openWay } from './way.ts';
import type { WayAnswer, WayOrder, WayTarget } from './open-ways.ts';

const targets = workerData as readonly WayTarget[];
const ways: Way[] = [];
for (const target of targets) ways.push(await openWay(() => portOf(target)));
answer(ways.map(({ port }) => port));
parentPort?.on('message', (order: WayOrder) => {
  for (const [index, way] of ways.entries()) {
    if (order.cut.includes(index)) way.cut();
    else way.heal();
  }
  answer([]);
});

async function portOf(target: WayTarget): Promise<number | undefined> {
  return 'port' in target ? target.port : (await findEmbeddedPostgres(target.postgres))?.port;
}

function answer(said: WayAnswer): void {
  parentPort?.postMessage(said);
}
