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

/** What operators ask of a server's share of its pools; each resolves with the one sentence. */
export type DrainByWord = {
  /** Its routing groups go to others, and phones that sign in are sent there, until `undrain`. */
  drain(request: { readonly server: ServerName; readonly why: string }): Promise<string>;
  undrain(request: { readonly server: ServerName }): Promise<string>;
};

export function createDrainByWord(hands: Hands): DrainByWord {
  return {
    async drain({ server, why }) {
      refuseLast(hands, server);
      await decide(hands, { server, drained: why });
      const others = 'its routing groups go to others of its pool';
      return `${server} is drained (${why}): ${others}, and it takes no new registrations`;
    },
    async undrain({ server }) {
      await decide(hands, { server });
      return `${server} serves its share again as soon as it has answered for a while`;
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

async function decide(
  hands: Hands,
  said: { readonly server: ServerName; readonly drained?: string },
): Promise<void> {
  const { parts, memory, assigner } = hands;
  const own = firstStore(parts);
  if (own === undefined) throw new Error(`${parts.server} has no store to decide in`);
  const known = serverRecordOf(memory.decisions, said.server);
  if (known?.drained === said.drained && known !== undefined) return;
  const generation = nextGeneration(known?.generation ?? noGeneration);
  const next: ServerRecord = { kind: 'server', generation, ...said };
  const decided = await own.control.decide(next, known?.generation);
  if (!decided.isDone)
    refuse('staleGeneration', `somebody else decided on ${said.server} just now`);
  await learnHere(parts, memory, [next]);
  await tellPartners(hands, next);
  await assigner.assign();
}
