import {
  type DatasetName,
  type RoleAssignment,
  type RoleLimited,
  serverRecordOf,
} from '@understudy/core';
import { withTimeout } from '@understudy/ports';
import type { AgentMemory, HeldMount } from '../agent-memory.ts';
import type { AgentParts } from '../agent-parts.ts';
import { wordsOf } from '../observe/look-at-store.ts';
import { noteAnswering } from './decide-owners.ts';
import { createLimitedPictures, sharedLimited } from './limited-pictures.ts';
import { poolPictures } from './pool-pictures.ts';
import { heldMount, sharedMounts } from './role-mounts.ts';

/** Tells the roles of this server the whole picture, as the agent's memory has it when sent. */
export type Assigner = {
  /**
   * Resolves when the roles act by a picture that was made after this was asked for, or with the
   * reason why they do not. Never rejects: a role that does not answer stops at its own deadline.
   */
  assign(timeoutMs?: number): Promise<string | undefined>;
  /** What roles are told of pools whose copy is here. Secret: never logged. */
  limited(): readonly RoleLimited[];
  /** The address of what is held here, once it is known. Secret: never logged. */
  urlOf(held: HeldMount): string | undefined;
};

export function createAssigner(parts: AgentParts, memory: AgentMemory): Assigner {
  const urls = createUrlBook(parts, memory);
  const limited = createLimitedPictures(parts, memory);
  let number = 0;
  let sending: Promise<unknown> = Promise.resolve();
  let next: Promise<string | undefined> | undefined;

  async function picture(): Promise<RoleAssignment> {
    // The urls come first: between the reading of the mounts and the sending nothing is awaited.
    const learning = [...memory.mounts.values()].map((held) => urls.learn(held));
    await Promise.all([limited.learn(), ...learning]);
    const mounts = [...memory.mounts.values()].flatMap((held) => {
      const url = urls.of(held);
      return url === undefined ? [] : (heldMount(parts, memory, { held, url }) ?? []);
    });
    number += 1;
    const isDrained = serverRecordOf(memory.decisions, parts.server)?.drained !== undefined;
    return {
      number,
      agentLife: memory.life,
      pools: poolPictures(parts, memory),
      mounts: [...mounts, ...sharedMounts(parts, memory)],
      ...(isDrained && { isDrained }),
      limited: [...limited.draw(), ...sharedLimited(parts, memory)],
    };
  }

  async function send(timeoutMs: number): Promise<string | undefined> {
    next = undefined; // Whoever asks from here on wants a newer picture than this one.
    try {
      const assignment = await picture();
      const bound = { ms: timeoutMs, what: 'the roles of this server' };
      const report = await withTimeout(parts.clock, bound, () => parts.roles.assign(assignment));
      memory.roles = [report];
      noteAnswering(parts, memory, parts.server);
      return undefined;
    } catch (error) {
      return wordsOf(error);
    }
  }

  return {
    limited: () => limited.draw(),
    urlOf: (held) => urls.of(held),
    assign(timeoutMs = parts.topology.limits.roleTimeoutMs) {
      // The roles may serve a mount that this life has not adopted yet: they are left alone.
      if (!memory.isSettled) return Promise.resolve('this agent has not looked yet');
      memory.news.tell(); // Other servers' agents hear of it without waiting for the roles here.
      // At most one is being sent and one waits: each is the whole picture, so more are idle.
      if (next === undefined) {
        next = sending.then(() => send(timeoutMs));
        sending = next;
      }
      return next;
    },
  };
}

/** Where the copies of this server are reached by roles. Secret: never logged. */
function createUrlBook(parts: AgentParts, memory: AgentMemory) {
  const urls = new Map<DatasetName, { readonly store: string; readonly url: string }>();
  const of = ({ dataset, store }: HeldMount): string | undefined => {
    const known = urls.get(dataset);
    return known?.store === store ? known.url : undefined;
  };
  return {
    of,
    async learn(held: HeldMount): Promise<void> {
      if (of(held) !== undefined) return;
      const { dataset, store } = held;
      const own = parts.stores.find(({ engine }) => engine.store === store);
      if (own === undefined) return;
      const ms = parts.topology.limits.roleTimeoutMs;
      const bound = { ms, what: `the address of ${dataset} on ${store}` };
      try {
        const url = await memory.patience.within(bound, () => own.engine.roleUrl(dataset));
        urls.set(dataset, { store, url });
        memory.news.tell();
      } catch (error) {
        // The roles hear of the other mounts all the same, and of this one with the next picture.
        parts.log.say('warn', `the roles cannot be told of ${dataset} yet: ${wordsOf(error)}`);
      }
    },
  };
}
