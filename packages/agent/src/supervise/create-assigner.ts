import {
  activeRecordOf,
  type DatasetName,
  type RoleAssignment,
  type RoleMount,
  routingGroupsOf,
} from '@understudy/core';
import { withTimeout } from '@understudy/ports';
import type { AgentMemory, HeldMount } from '../agent-memory.ts';
import type { AgentParts } from '../agent-parts.ts';
import { wordsOf } from '../observe/look-at-store.ts';
import { poolPictures } from './pool-pictures.ts';

/** Tells the roles of this server the whole picture, as the agent's memory has it when sent. */
export type Assigner = {
  /**
   * Resolves when the roles act by a picture that was made after this was asked for, or with the
   * reason why they do not. Never rejects: a role that does not answer stops at its own deadline.
   */
  assign(timeoutMs?: number): Promise<string | undefined>;
};

export function createAssigner(parts: AgentParts, memory: AgentMemory): Assigner {
  const urls = new Map<DatasetName, { readonly store: string; readonly url: string }>();
  let number = 0;
  let sending: Promise<unknown> = Promise.resolve();
  let next: Promise<string | undefined> | undefined;

  async function learnUrl({ dataset, store }: HeldMount): Promise<void> {
    if (urls.get(dataset)?.store === store) return;
    const own = parts.stores.find(({ engine }) => engine.store === store);
    if (own === undefined) return;
    const ms = parts.topology.limits.roleTimeoutMs;
    const bound = { ms, what: `the address of ${dataset} on ${store}` };
    try {
      const url = await memory.patience.within(bound, () => own.engine.roleUrl(dataset));
      urls.set(dataset, { store, url });
    } catch (error) {
      // The roles hear of the other mounts all the same, and of this one with the next picture.
      parts.log.say('warn', `the roles cannot be told of ${dataset} yet: ${wordsOf(error)}`);
    }
  }

  async function picture(): Promise<RoleAssignment> {
    // The urls come first: between the reading of the mounts and the sending nothing is awaited.
    await Promise.all([...memory.mounts.values()].map(learnUrl));
    const mounts = [...memory.mounts.values()].flatMap((held) => {
      const url = urls.get(held.dataset);
      return url?.store === held.store ? [roleMount(parts, memory, { held, url: url.url })] : [];
    });
    number += 1;
    return {
      number,
      agentLife: memory.life,
      pools: poolPictures(parts, memory),
      mounts: mounts.filter((each) => each !== undefined),
    };
  }

  async function send(timeoutMs: number): Promise<string | undefined> {
    next = undefined; // Whoever asks from here on wants a newer picture than this one.
    try {
      const assignment = await picture();
      const bound = { ms: timeoutMs, what: 'the roles of this server' };
      await withTimeout(parts.clock, bound, () => parts.roles.assign(assignment));
      return undefined;
    } catch (error) {
      return wordsOf(error);
    }
  }

  return {
    assign(timeoutMs = parts.topology.limits.roleTimeoutMs) {
      // The roles may serve a mount that this life has not adopted yet: they are left alone.
      if (!memory.isSettled) return Promise.resolve('this agent has not looked yet');
      // At most one is being sent and one waits: each is the whole picture, so more are idle.
      if (next === undefined) {
        next = sending.then(() => send(timeoutMs));
        sending = next;
      }
      return next;
    },
  };
}

function roleMount(
  { topology }: AgentParts,
  { decisions }: AgentMemory,
  { held, url }: { readonly held: HeldMount; readonly url: string },
): RoleMount | undefined {
  const dataset = topology.datasets.find(({ name }) => name === held.dataset);
  const pool = topology.pools.find(({ name }) => name === dataset?.pool);
  const record = activeRecordOf(decisions, held.dataset);
  if (pool === undefined || record === undefined) return undefined;
  return {
    dataset: held.dataset,
    id: record.id,
    pool: pool.name,
    generation: held.generation,
    url,
    deadlineMs: held.deadlineMs,
    routingGroups: routingGroupsOf(pool),
  };
}
