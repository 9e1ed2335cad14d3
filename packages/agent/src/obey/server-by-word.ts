import {
  nextGeneration,
  noGeneration,
  type ServerName,
  type ServerRecord,
  serverRecordOf,
} from '@understudy/core';
import { learnHere } from '../mount/learn-here.ts';
import type { Hands } from '../mount/open-mount.ts';
import { firstStore } from '../own-store.ts';
import { tellPartners } from './by-word.ts';
import { refuse } from './refuse.ts';

/** What operators say of a server as a whole; each resolves with the one sentence. */
export type ServerByWord = {
  /** Its routing groups go to others, and phones that sign in are sent there, until `undrain`. */
  drain(request: { readonly server: ServerName; readonly why: string }): Promise<string>;
  undrain(request: { readonly server: ServerName }): Promise<string>;
  /** No copy on it is made active, by nobody, until `unblock`; what is active there stays so. */
  block(request: { readonly server: ServerName; readonly why: string }): Promise<string>;
  unblock(request: { readonly server: ServerName }): Promise<string>;
};

export function createServerByWord(hands: Hands): ServerByWord {
  return {
    async drain({ server, why }) {
      refuseLast(hands, server);
      await decide(hands, server, (known) => ({ ...known, drained: why }));
      const others = 'its routing groups go to others of its pool';
      return `${server} is drained (${why}): ${others}, and it takes no new registrations`;
    },
    async undrain({ server }) {
      await decide(hands, server, ({ drained: _, ...rest }) => rest);
      return `${server} serves its share again as soon as it has answered for a while`;
    },
    async block({ server, why }) {
      await decide(hands, server, (known) => ({ ...known, blocked: why }));
      return `no copy on ${server} is made active: ${why}`;
    },
    async unblock({ server }) {
      await decide(hands, server, ({ blocked: _, ...rest }) => rest);
      const { servers } = hands.parts.topology;
      const isBlocked = servers.find(({ name }) => name === server)?.activation === 'blocked';
      if (isBlocked) return `the topology blocks activation on ${server} still`;
      return `copies on ${server} may be made active`;
    },
  };
}

/** Where nobody else is left the groups would stay, and phones would be sent to nobody. */
function refuseLast({ parts, memory }: Hands, server: ServerName): void {
  for (const pool of parts.topology.pools.filter((each) => each.servers.includes(server))) {
    const isDrained = (name: ServerName) =>
      serverRecordOf(memory.decisions, name)?.drained !== undefined;
    if (pool.servers.some((name) => name !== server && !isDrained(name))) continue;
    const todo = `understudy pool failover ${pool.name}, or undrain another of its servers`;
    refuse('lastServer', `no other server of pool ${pool.name} would have its groups: ${todo}`);
  }
}

/** Decides what was said of one server; what else was said of it stays. */
async function decide(
  hands: Hands,
  server: ServerName,
  change: (known: ServerRecord) => ServerRecord,
): Promise<void> {
  const { parts, memory, assigner } = hands;
  const own = firstStore(parts);
  if (own === undefined) throw new Error(`${parts.server} has no store to decide in`);
  const known = serverRecordOf(memory.decisions, server);
  const first: ServerRecord = { kind: 'server', server, generation: noGeneration };
  const wanted = change(known ?? first);
  if (known?.drained === wanted.drained && known?.blocked === wanted.blocked) return;
  const next = { ...wanted, generation: nextGeneration(wanted.generation) };
  const decided = await own.control.decide(next, known?.generation);
  if (!decided.isDone) refuse('staleGeneration', `somebody else decided on ${server} just now`);
  await learnHere(parts, memory, [next]);
  await tellPartners(hands, next);
  await assigner.assign();
}
