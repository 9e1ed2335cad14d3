import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bringUp } from './sim-deployment.ts';

test('a site that was said to be off starts when what was done on that word is over', async () => {
  const { sites } = await bringUp(1, { faults: new Set() });
  const [east] = sites;
  assert.ok(east !== undefined && !east.isDead);
  east.crashAll();
  const letGo = east.holdOff();
  east.startStore();
  east.startAll();
  assert.equal(east.isDead, true);
  letGo();
  assert.deepEqual([east.isDead, east.store.isUp, east.role.isUp], [false, true, true]);
  // Who let it go has no say in the next word.
  east.crashAll();
  east.holdOff();
  letGo();
  east.startAll();
  assert.equal(east.isDead, true);
});
