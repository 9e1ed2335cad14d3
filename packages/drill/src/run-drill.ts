import { counted } from '@understudy/core';
import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { bounds } from './bounds.ts';
import { keepTrespassing } from './check/trespass.ts';
import {
  addressesOf,
  type DrillDeployment,
  phoneAddressesOf,
  poolCopiesOf,
} from './deployment/drill-deployment.ts';
import { nowMs } from './measure/instant.ts';
import type { ScenarioName } from './report/drill-document.ts';
import type { DrillResult, ScenarioResult } from './report/drill-result.ts';
import type { DrillContext } from './scenario/drill-context.ts';
import { type Memory, performScenario, type Scenario } from './scenario/perform-scenario.ts';
import { scenariosOf } from './scenario/scenarios.ts';
import { waitServed, waitVerified } from './scenario/wait-restored.ts';
import { type DrillUser, makeUsers, usersCsv } from './users/drill-user.ts';
import { rest } from './users/pace.ts';
import { startTraffic } from './users/start-traffic.ts';

type Disturb = (name: ScenarioName, deployment: DrillDeployment) => Promise<void>;

export type DrillOptions = {
  readonly users: number;
  /** Ordinary traffic of users, over all pools. */
  readonly writesPerSecond: number;
  /** A line for people who wait. */
  readonly say: (line: string) => void;
  /** A line of a run's transcript. */
  readonly tell: (line: string) => void;
  /** Each scenario as it ends. */
  readonly onScenario?: (result: ScenarioResult) => void;
  /** Only these, in their order. */
  readonly only?: readonly ScenarioName[];
  /** Behind everyone's back, before or after a scenario's act: proves that it is seen. */
  readonly disturbBefore?: Disturb;
  readonly disturbAfter?: Disturb;
  readonly signal: AbortSignal;
};

/** Imports the users, lets them work, and goes through every scenario. */
export async function runDrill(
  deployment: DrillDeployment,
  options: DrillOptions,
): Promise<DrillResult> {
  const startedMs = nowMs();
  const { say, signal } = options;
  const pools = deployment.topology.pools.map(({ name }) => name as string);
  const users = makeUsers(options.users, pools);
  await importUsers(deployment, users, options);
  const { topology } = deployment;
  const traffic = await startTraffic({
    users,
    pools,
    addressesOf: (pool) => addressesOf(topology, pool),
    phoneAddressesOf: (pool) => phoneAddressesOf(topology, pool),
    domain: topology.domains[0] ?? '',
    writesPerSecond: options.writesPerSecond,
  });
  const { ledger, messages } = traffic;
  const accounting = { stores: deployment, ledger, messages, pools: poolCopiesOf(topology) };
  const context = { deployment, traffic, accounting, tell: options.tell, signal };
  const trespassing = startTrespassing(context);
  try {
    say('users are at work; waiting until all are served and every copy is verified');
    const unwell = [...(await waitServed(context)), ...(await waitVerified(context))];
    if (unwell.length > 0) throw new Error(`the deployment is not well: ${unwell.join('; ')}`);
    const scenarios = await performAll(context, options);
    const hasPassed = scenarios.every(({ verdict }) => verdict === 'pass');
    const { users: count, writesPerSecond } = options;
    const verdict = hasPassed ? 'pass' : 'fail';
    const tookMs = nowMs() - startedMs;
    return { users: count, writesPerSecond, startedMs, tookMs, scenarios, verdict };
  } finally {
    await trespassing.stop();
    await traffic.stop();
  }
}

async function performAll(context: DrillContext, options: DrillOptions) {
  const { only, say, onScenario, signal } = options;
  const isDisturbed = (options.disturbBefore ?? options.disturbAfter) !== undefined;
  const all = scenariosOf(context.deployment.topology);
  const chosen = all.filter(({ name }) => only?.includes(name) ?? true);
  const memory: Memory = {
    lost: new Map(),
    listed: new Set(),
    contradictions: new Set(),
    countedUntilMs: nowMs(),
  };
  const results: ScenarioResult[] = [];
  for (const scenario of chosen) {
    signal.throwIfAborted();
    say(`${scenario.name}: ${scenario.about}`);
    const result = await performScenario(context, disturbed(scenario, options), memory);
    results.push(result);
    onScenario?.(result);
    // What comes next begins where this one should have ended.
    if (result.verdict === 'fail' && !isDisturbed) break;
  }
  return results;
}

function disturbed(scenario: Scenario, { disturbBefore, disturbAfter }: DrillOptions): Scenario {
  return {
    ...scenario,
    act: async (context) => {
      await disturbBefore?.(scenario.name, context.deployment);
      const acted = await scenario.act(context);
      await disturbAfter?.(scenario.name, context.deployment);
      return acted;
    },
  };
}

function startTrespassing({ deployment, traffic, accounting }: DrillContext) {
  const stopping = new AbortController();
  const generations = new Map<string, Set<number>>();
  const loops = accounting.pools.flatMap(({ pool, dataset, stores }) =>
    stores.map((store) =>
      keepTrespassing(
        {
          stores: deployment,
          ledger: traffic.ledger,
          generations,
          place: { pool, dataset, store },
        },
        stopping.signal,
      ),
    ),
  );
  return {
    stop: async () => {
      stopping.abort();
      await Promise.all(loops);
    },
  };
}

/** A new deployment needs a moment until its pools take users. */
async function importUsers(
  { client, topology }: DrillDeployment,
  users: readonly DrillUser[],
  { say, signal }: DrillOptions,
): Promise<void> {
  say(`importing ${counted(users.length, 'user')}`);
  for (const { name } of topology.pools) {
    const csv = usersCsv(users.filter(({ pool }) => pool === name));
    const id = randomUUID();
    const deadlineMs = nowMs() + bounds.startMs;
    const refusal = () =>
      client.importUsers(name, { id, csv: () => Readable.from([csv]) }).then(
        () => undefined,
        (error: unknown) => error as Error,
      );
    for (let refused = await refusal(); refused !== undefined; refused = await refusal()) {
      signal.throwIfAborted();
      if (nowMs() > deadlineMs) throw refused;
      await rest(bounds.settlePollMs, signal);
    }
  }
}
