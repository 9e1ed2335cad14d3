import assert from 'node:assert/strict';
import { test } from 'node:test';
import { names } from '@understudy/core/testing';
import type { AnyRunbook } from '@understudy/runbook-engine';
import { catalogue } from './catalogue.ts';
import { beginRun, bringToEnd, newestRow } from './testing/exercise.ts';
import type { Call, Fate } from './testing/leader.ts';
import { assertServed, type Scenario, scenarios } from './testing/scenario.ts';
import type { World } from './testing/world.ts';

// V6: what is behind a cut cable goes on writing, so it is proven off before anything is decided.

const scenario = scenarios.find(({ name }) => name === 'pool-failover forced, with fencing')!;

/** The scenario in a world that is changed first. */
function changed(change: (world: World) => void): Scenario {
  return {
    ...scenario,
    world: async () => {
      const world = await scenario.world();
      change(world);
      return world;
    },
  };
}

/** The leader's first call of this kind that follows the fencing has the fate. */
function afterFencing(what: string, fate: Fate): (call: Call) => Fate {
  let isFenced = false;
  return (call) => {
    const isIt = isFenced && call.what === what;
    if (isIt) isFenced = false;
    if (call.what === 'obey fenceSite') isFenced = true;
    return isIt ? fate : 'go';
  };
}

test('V6: a site that only seems dead is off before its copy is mounted elsewhere', async () => {
  const { world } = await beginRun({ scenario });
  assert.deepEqual(world.fenced, [names.eastServer]);
  await assertServed(world, scenario, 'done');
});

test('V6 taken out: without the step two copies would be mounted', async () => {
  const runbooks: readonly AnyRunbook[] = catalogue.map((runbook) => ({
    ...runbook,
    steps: (plan) => runbook.steps(plan).filter(({ name }) => name !== 'fence-site'),
  }));
  const { world } = await beginRun({ scenario, runbooks });
  assert.match((await newestRow(world))?.why ?? '', /I1: two mounted copies/);
});

test('V6: a command that proves nothing refuses the run before anything is decided', async () => {
  const why = 'nothing proves that site east is off: fence-site ended with 1';
  const failing = changed((world) => {
    world.fencingFails = why;
  });
  const { world } = await beginRun({ scenario: failing });
  const row = await newestRow(world);
  assert.equal(row?.state, 'refused');
  assert.equal(row?.why, `west-1 refused: ${why}; all was undone`);
  const active = world.copiesOf(names.usersEast).filter(({ isMounted }) => isMounted);
  assert.deepEqual(
    active.map(({ store }) => store),
    [names.eastStore],
  );
  await assertServed(world, scenario, 'undone');
});

test('what a run has proven is not proven again by its next attempt', async () => {
  const fateOf = afterFencing('decide', 'dieAfter');
  const { world } = await beginRun({ scenario, fateOf });
  assert.equal((await newestRow(world))?.state, 'running');
  await bringToEnd(world, scenario, scenario.leader);
  assert.deepEqual(world.fenced, [names.eastServer]);
  await assertServed(world, scenario, 'done');
});

test('a leader that dies before it has noted the proof has the site fenced once more', async () => {
  const { world } = await beginRun({ scenario, fateOf: afterFencing('decide', 'dieBefore') });
  await bringToEnd(world, scenario, scenario.leader);
  assert.deepEqual(world.fenced, [names.eastServer, names.eastServer]);
  await assertServed(world, scenario, 'done');
});

test('a site that answers again is not fenced, and the run goes back', async () => {
  const fateOf = afterFencing('decide', 'dieAfter');
  const { world } = await beginRun({ scenario, fateOf });
  world.off.delete(names.eastServer);
  const row = await bringToEnd(world, scenario, scenario.leader);
  assert.equal(row.state, 'refused');
  assert.match(row.why, /^east-1 answers; plan again, without --force; all was undone/);
  assert.deepEqual(world.fenced, [names.eastServer]);
});

test('a site that comes back while it is said to be off is believed, not the command', async () => {
  const { leader } = await beginRun({ scenario });
  const reports = leader.calls.filter(({ server, what }) => {
    return server === names.eastServer && what === 'report';
  });
  // It was silent when it was looked at before, and is asked once more after the command.
  const [, second] = reports;
  assert.ok(second !== undefined);
  let begun: World | undefined;
  const fateOf = (call: Call): Fate => {
    if (call.index === second.index) begun?.off.delete(names.eastServer);
    return 'go';
  };
  const watched = changed((world) => {
    begun = world;
  });
  const { world } = await beginRun({ scenario: watched, fateOf });
  const row = await newestRow(world);
  assert.match(row?.why ?? '', /^east-1 is said to be off \(.*\) and answers all the same/);
  assert.equal(row?.state, 'refused');
});
