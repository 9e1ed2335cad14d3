// A follow that is cut off between its steps: link recorded, subscription made, beginning set.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Link } from '@understudy/core';
import {
  aFollowedDataset,
  fenceFor,
  look,
  markerOf,
  mountOn,
  seesUser,
} from '../testing/a-dataset.ts';
import { cutOff } from '../testing/cut-off.ts';
import { openRole } from '../testing/open-session.ts';
import { aUser, writeUser } from '../testing/role-writes.ts';
import { generation, startTwoStores, type TwoStores } from '../testing/two-stores.ts';
import { followLink } from './follow-link.ts';

let two: TwoStores;
before(async () => {
  two = await startTwoStores();
});
after(() => two[Symbol.asyncDispose]());

/** West has taken over from east, and forgot in a crash how far its slot had been advanced. */
async function switched(t: Parameters<typeof openRole>[0]) {
  const { east, west } = two;
  const data = await aFollowedDataset(two);
  const { dataset, database } = data;
  await west.databases.query('postgres', 'CHECKPOINT'); // The slot's position on disk, from here.
  await writeUser(await openRole(t, east, dataset), aUser('had-already', 1));
  await seesUser(west, database, 'had-already');
  await fenceFor({ side: east, target: west }, dataset, 1);
  await west.engine.awaitMarker({ marker: markerOf(dataset, 1), timeoutMs: 5_000 });
  await west.engine.detach({ dataset, generation: generation(1), timeoutMs: 5_000 });
  await mountOn(west, dataset, 2);
  await west.crash();
  await mountOn(west, dataset, 3);
  await east.engine.dropLinks(dataset, []);
  return data;
}

/** As an agent takes it up: what is switched off is switched on, what is not there is made. */
async function takeUp({ dataset, id, back }: { dataset: Link['dataset']; back: Link } & Ids) {
  const { engine } = two.east;
  const { following } = await look(two.east, dataset);
  if (following === undefined) await engine.follow({ id, link: back });
  else if (!following.isEnabled) await engine.resume(dataset);
}
type Ids = { readonly id: Parameters<typeof followLink>[1]['id'] };

for (const statements of [0, 1, 2, 3]) {
  test(`E6: a follow cut off after ${statements} steps goes on and repeats no row`, async (t) => {
    const { east, west } = two;
    const data = await switched(t);
    const order = { id: data.id, link: data.back };
    await assert.rejects(
      followLink(cutOff(east, { statements, sources: [two.west] }), order),
      /the agent dies/,
    );
    await takeUp(data);
    await writeUser(await openRole(t, west, data.dataset), aUser('after', 3));
    await seesUser(east, data.database, 'after');
    const { following } = await look(east, data.dataset);
    assert.deepEqual([following?.conflicts, following?.applyErrors], [0, 0]);
  });
}
