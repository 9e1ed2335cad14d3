import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MovesPlan } from '@understudy/core';
import { names } from '@understudy/core/testing';
import { type AnyRunbook, hasUndo, type RunContext, type Step } from '@understudy/runbook-engine';
import { catalogue } from './catalogue.ts';
import { beginRun, bringToEnd, newestRow } from './testing/exercise.ts';
import { type Call, type Fate, Leader } from './testing/leader.ts';
import { assertServed, type Scenario, scenarios } from './testing/scenario.ts';

const moving = scenarios.filter(({ request }) => request.runbook !== 'site-return');

/** The leader dies when the new active copy is decided and not yet mounted. */
function dieDecided(scenario: Scenario) {
  const fateOf = ({ what }: Call): Fate => (what === 'obey mount' ? 'dieBefore' : 'go');
  return beginRun({ scenario, fateOf });
}

async function resumeWith(scenario: Scenario, fateOf: (call: Call) => Fate) {
  const { world } = await dieDecided(scenario);
  const row = await newestRow(world);
  assert.ok(row !== undefined);
  const leader = new Leader(world, { server: scenario.leader, catalogue, fateOf, seed: 7 });
  leader.runner.resume(row.id, 'bert').catch(() => {});
  await world.clock.advance(900_000);
  return { world, leader };
}

for (const scenario of moving) {
  test(`${scenario.name}: once decided, no failure makes the next attempt go back`, async () => {
    const { leader } = await resumeWith(scenario, () => 'go');
    const kinds = new Map(leader.calls.map((call) => [`${call.server} ${call.what}`, call]));
    for (const { server, what } of kinds.values()) {
      const { world } = await resumeWith(scenario, (call) =>
        call.server === server && call.what === what ? 'failBefore' : 'go',
      );
      const row = await bringToEnd(world, scenario, scenario.leader);
      assert.equal(row.state, 'succeeded', `${what} of ${server}: ${row.why}`);
    }
  });

  test(`${scenario.name}: it cannot be cancelled once decided`, async () => {
    const { world } = await dieDecided(scenario);
    const row = await newestRow(world);
    const leader = new Leader(world, { server: scenario.leader, catalogue });
    await assert.rejects(world.clock.finish(leader.runner.cancel(row!.id, 'bert')), {
      code: 'pointOfNoReturn',
    });
  });
}

for (const scenario of scenarios) {
  test(`${scenario.name}: every step can be done twice`, async () => {
    const { world } = await beginRun({ scenario, runbooks: catalogue.map(twice) });
    assert.equal((await newestRow(world))?.state, 'succeeded');
    await assertServed(world, scenario, 'done');
  });

  test(`${scenario.name}: whichever step fails, all is served in the end`, async () => {
    const runbook = catalogue.find(({ name }) => name === scenario.request.runbook);
    const stepsKnown = new Set(catalogue.flatMap((each) => stepNames(each, scenario)));
    assert.ok(runbook !== undefined && stepsKnown.size > 0);
    for (const name of stepsKnown) {
      const runbooks = catalogue.map((each) => failing(each, name));
      const { world } = await beginRun({ scenario, runbooks });
      await bringToEnd(world, scenario, scenario.leader);
    }
  });
}

for (const scenario of moving.filter(({ request }) => request.mode === 'planned')) {
  test(`${scenario.name}: what another attempt decides while this one fails stands`, async () => {
    const runbooks = catalogue.map(decidedWhileItFails);
    const { world } = await beginRun({ scenario, runbooks });
    const failed = await newestRow(world);
    assert.match(failed?.why ?? '', /the fence fails; not undone: .*final-state/);
    const row = await bringToEnd(world, scenario, scenario.leader);
    assert.equal(row.state, 'succeeded', row.why);
  });
}

/** A decision of the attempt before arrives when this one has begun and is about to fail. */
function decidedWhileItFails(runbook: AnyRunbook): AnyRunbook {
  return withSteps(runbook, (step): AnyStep => {
    if (step.name !== 'final-state') return step;
    return {
      ...step,
      async run(context) {
        await step.run(context);
        const { plan, agentOf } = context as RunContext<MovesPlan>;
        for (const { to, next, current } of plan.moves) {
          await agentOf(to.server).decide(next, current.generation);
        }
        throw new Error('the fence fails');
      },
    };
  });
}

function stepNames(runbook: AnyRunbook, { request }: Scenario): readonly string[] {
  if (runbook.name !== request.runbook) return [];
  return runbook.steps({ mode: request.mode } as never).map(({ name }) => name);
}

function twice(runbook: AnyRunbook): AnyRunbook {
  return withSteps(
    runbook,
    (step): AnyStep => ({
      ...step,
      isDone: async () => undefined,
      async run(context) {
        await step.run(context);
        return step.run(context);
      },
    }),
  );
}

/** The step acts and then fails, every time. */
function failing(runbook: AnyRunbook, name: string): AnyRunbook {
  return withSteps(
    runbook,
    (step): AnyStep =>
      step.name !== name
        ? step
        : {
            ...step,
            async run(context) {
              await step.run(context);
              throw new Error(`${name} fails ${hasUndo(step) ? 'before' : 'after'} no return`);
            },
            isDone: async () => undefined,
          },
  );
}

type AnyStep = Step<never>;

function withSteps(runbook: AnyRunbook, change: (step: AnyStep) => AnyStep): AnyRunbook {
  return { ...runbook, steps: (plan) => runbook.steps(plan).map(change) };
}

test('E14: an undo asks whether the target has decided once that knows the attempt', async () => {
  const scenario = moving.find(({ name }) => name === 'pool-failover planned') ?? assert.fail();
  const { world } = await beginRun({
    scenario,
    fateOf: ({ what }) => (what === 'obey fence' ? 'dieBefore' : 'go'),
  });
  const row = (await newestRow(world)) ?? assert.fail();
  const leader = new Leader(world, { server: names.westServer, catalogue, seed: 7 });
  await world.clock.finish(leader.runner.cancel(row.id, 'bert'));
  await world.clock.advance(900_000);
  const calls = leader.calls.map(({ server, what }) => `${server} ${what}`);
  const [told, decided] = ['obey setPoolState', 'decide'].map((what) =>
    calls.indexOf(`${names.westServer} ${what}`),
  );
  assert.ok(told! >= 0 && told! < decided!, calls.join(', '));
  assert.ok(calls.slice(told, decided).includes(`${names.westServer} report`), calls.join(', '));
});
