import { counted } from '../../counted.ts';
import { showCommand } from '../../fencing/fencing.ts';
import { showGeneration } from '../../generation.ts';
import type { PlannedStep } from '../../run/run-plan.ts';
import type { MovesPlan, PoolPlan } from './pool-plan.ts';

// The acts of each kind of move, in the order in which they are done and printed. The runbooks
// have a step for each name; a test holds the two lists together.

/** The steps of a pool's failover or failback. */
export function poolSteps(plan: Omit<PoolPlan, 'steps'>): readonly PlannedStep[] {
  return plan.mode === 'forced' ? forcedSteps(plan) : plannedSteps(plan);
}

function plannedSteps(plan: Omit<PoolPlan, 'steps'>): readonly PlannedStep[] {
  const isFailback = plan.runbook === 'pool-failback';
  return [
    step('read-settings', `Read the settings of pool ${plan.pool}`),
    ...(isFailback ? [step('start-services', `Start the services of pool ${plan.to.pool}`)] : []),
    step('steady-state', `Wait for steady state of ${names(plan)}`),
    enterState(plan),
    step('final-state', `Bring ${names(plan)} to the final state on ${plan.to.pool}`),
    decide(plan),
    mount(plan),
    hydrate(plan),
    leaveState(plan),
    step('old-side-follows', `Let ${plan.from.pool} follow without copying`),
    step('reset-registrar', `Reset the registrar of pool ${plan.from.pool}`),
    ...(isFailback ? [] : [stopServices(plan)]),
  ];
}

function stopServices({ pool, from }: Omit<PoolPlan, 'steps'>): PlannedStep {
  const servers = from.servers.join(', ');
  return step('stop-services', `Stop the services of ${pool} on ${servers}; replication goes on`);
}

function forcedSteps(plan: Omit<PoolPlan, 'steps'>): readonly PlannedStep[] {
  return [
    step('read-settings', `Read the settings of pool ${plan.pool}`),
    ...fence(plan),
    enterState(plan),
    step('detach-copies', `Detach ${names(plan)} from ${plan.from.pool} and store the position`),
    decide(plan),
    mount(plan),
    hydrate(plan),
    leaveState(plan),
  ];
}

function fence({ fencings = [] }: Omit<PoolPlan, 'steps'>): readonly PlannedStep[] {
  if (fencings.length === 0) return [];
  const sites = fencings.map(({ site, command }) => `${site} is off: ${showCommand(command)}`);
  return [step('fence-site', `Prove that site ${sites.join('; that site ')}`)];
}

/** The steps of a move of one dataset. */
export function moveSteps(plan: Omit<MovesPlan, 'steps'>): readonly PlannedStep[] {
  if (plan.mode === 'forced') {
    const sources = plan.moves.map(({ from }) => from.store).join(', ');
    const detach = `Detach ${names(plan)} from ${sources} and store the position`;
    return [step('detach-copies', detach), decide(plan), mount(plan), hydrate(plan)];
  }
  const target = plan.moves.map(({ to }) => to.store).join(', ');
  return [
    step('steady-state', `Wait for steady state of ${names(plan)}`),
    step('final-state', `Bring ${names(plan)} to the final state on ${target}`),
    decide(plan),
    mount(plan),
    hydrate(plan),
    step('old-side-follows', 'Let the old side follow without copying'),
  ];
}

/** The steps of a site's return. */
export function returnSteps(
  server: string,
  of: { readonly datasets: readonly string[]; readonly salvaged: readonly string[] },
): readonly PlannedStep[] {
  const all = of.datasets.join(', ') || 'no dataset';
  const salvaged = of.salvaged.join(', ') || 'no dataset';
  return [
    step('learn-decisions', `Learn the newest decisions on ${server}`),
    step('set-aside', `Set the databases of ${all} aside; their writes are kept`),
    step('salvage', `Merge what only ${server} has of ${salvaged}, or list it in the ledger`),
    step('reseed', `Seed ${all} afresh from the active copies`),
    step('healthy', `Wait until ${all} are healthy on ${server}`),
    step('verify', `Compare ${all} with the active copies`),
    step('drop-set-aside', `Drop what was set aside of ${salvaged}, once its ledger is here`),
  ];
}

function enterState({ runbook, pool }: Omit<PoolPlan, 'steps'>): PlannedStep {
  return runbook === 'pool-failover'
    ? step('set-failing-over', `Set pool ${pool} to FailingOver`)
    : step('set-failing-back', `Set pool ${pool} to FailingBack`);
}

function leaveState({ runbook, pool }: Omit<PoolPlan, 'steps'>): PlannedStep {
  return runbook === 'pool-failover'
    ? step('set-failed-over', `Set pool ${pool} to FailedOver`)
    : step('set-active', `Set pool ${pool} to Active`);
}

function decide(plan: Omit<MovesPlan, 'steps'>): PlannedStep {
  const decisions = plan.moves.map(
    ({ next }) => `${next.active} under ${showGeneration(next.generation)}`,
  );
  return step('decide-active', `Decide the new active copies: ${decisions.join(', ') || 'none'}`);
}

function mount(plan: Omit<MovesPlan, 'steps'>): PlannedStep {
  const places = plan.moves.map(({ dataset, to }) => `${dataset} on ${to.store}`);
  return step('mount-datasets', `Mount ${places.join(', ') || 'nothing: all are there'}`);
}

function hydrate(plan: Omit<MovesPlan, 'steps'>): PlannedStep {
  const groups = plan.hydrations.flatMap((each) => each.groups);
  const servers = [...new Set(plan.hydrations.map(({ server }) => server))];
  return step(
    'hydrate-groups',
    `Hydrate ${counted(groups.length, 'routing group')} on ${servers.join(', ')}`,
  );
}

function names(plan: Omit<MovesPlan, 'steps'>): string {
  return plan.moves.map(({ dataset }) => dataset).join(', ') || 'no dataset';
}

function step(name: string, title: string): PlannedStep {
  return { name, title };
}
