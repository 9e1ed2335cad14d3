import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type AnyRunbook, pointOfNoReturn } from '@understudy/runbook-engine';
import { catalogue } from './catalogue.ts';
import { scenarios } from './testing/scenario.ts';

const golden = fileURLToPath(new URL('../src/step-names.golden.txt', import.meta.url));

/** Step names are journal keys: a change here breaks runs that are resumed by a newer version. */
function listSteps(): string {
  const lines = catalogue.flatMap((runbook) =>
    plans(runbook).flatMap(([mode, plan]) => {
      const steps = runbook.steps(plan as never);
      const noReturn = pointOfNoReturn(steps);
      return [
        `${runbook.name} version ${runbook.version}, ${mode}`,
        ...steps.map(({ name, window }, index) => {
          const place = window === undefined ? '' : `  (window ${window})`;
          return `  ${name}${place}${index === noReturn ? '  (point of no return)' : ''}`;
        }),
        '',
      ];
    }),
  );
  const about = 'Proves that no step was renamed: its name is the key of every journal line.';
  return [about, '', ...lines].join('\n');
}

/** What tells the kinds of a runbook's plans apart. */
function plans({ name }: AnyRunbook): readonly (readonly [string, object])[] {
  const planned = ['planned', { mode: 'planned' }] as const;
  const forced = { mode: 'forced' };
  if (name === 'dataset-move') return [planned, ['forced', forced]];
  if (!name.startsWith('pool-')) return [planned];
  return [planned, ['forced', forced], ['forced, with fencing', { ...forced, fencings: [] }]];
}

test('step names, their order, window and point of no return are as recorded', () => {
  // Recorded anew by: node packages/runbooks/build/step-names.test.js --record
  if (process.argv.includes('--record')) writeFileSync(golden, listSteps());
  assert.equal(listSteps(), readFileSync(golden, 'utf8'));
});

for (const scenario of scenarios) {
  test(`${scenario.name}: the plan prints exactly the steps that run`, async () => {
    const world = await scenario.world();
    const inventory = await world.inventory(scenario.leader);
    const runbook = catalogue.find(({ name }) => name === scenario.request.runbook);
    const plan = runbook?.plan(inventory, scenario.request).plan;
    assert.ok(plan !== undefined);
    assert.deepEqual(
      plan.steps.map(({ name }) => name),
      runbook?.steps(plan as never).map(({ name }) => name),
    );
    assert.equal(plan.leader, scenario.leader);
  });

  test(`${scenario.name}: the fenced window opens once, closes once and holds no approval`, () => {
    const runbook = catalogue.find(({ name }) => name === scenario.request.runbook);
    const [, plan] = plans(runbook!).find(([mode]) => scenario.name.endsWith(mode)) ?? [];
    const steps = runbook!.steps((plan ?? { mode: scenario.request.mode }) as never);
    const inside = steps.filter(({ window }) => window !== undefined);
    const places = inside.map(({ window }) => window);
    assert.ok(inside.every(({ approval }) => approval === undefined));
    if (places.length === 0) return;
    assert.equal(places[0], 'opens');
    assert.equal(places.at(-1), 'closes');
    assert.ok(places.slice(1, -1).every((place) => place === 'inside'));
  });
}
