import {
  activeRecordOf,
  type HandOnAnswer,
  type HandOnQuestion,
  isLaterOwners,
  type ServerName,
  type SharedMount,
} from '@understudy/core';
import { type AgentClient, withTimeout } from '@understudy/ports';
import type { AgentMemory, SharedHold } from '../agent-memory.ts';
import type { AgentParts } from '../agent-parts.ts';
import type { Hands } from '../mount/open-mount.ts';
import { isAnswering } from './decide-owners.ts';
import { renewEveryMs } from './renew-every.ts';
import { possibleHolders } from './serving-pool.ts';

/** The agents that this server may be handed a mount by. */
export function holdersOf({ topology, server, partners }: AgentParts): readonly AgentClient[] {
  const names = possibleHolders(topology, server);
  return partners.filter((each) => names.includes(each.server));
}

/** As long as a renewal takes to come anyway, and well within what a partner may take. */
export function askWaitMs({ topology }: AgentParts): number {
  const { limits } = topology;
  return Math.min(renewEveryMs(limits), limits.peerTimeoutMs / 2);
}

/**
 * Asks one server once what it holds for pools that are served here too, and tells the roles what
 * is new. Undefined where it gives no answer: what it handed on before holds until its deadline.
 */
export async function askHolder(
  hands: Hands,
  holder: AgentClient,
  more: Pick<HandOnQuestion, 'waitMs' | 'ahead'>,
): Promise<HandOnAnswer | undefined> {
  const { parts, memory, assigner } = hands;
  const { clock, topology, server } = parts;
  const heard = memory.heard.get(holder.server);
  const question: HandOnQuestion = {
    server,
    isAnswering: isAnswering(parts, memory, server),
    ...(heard !== undefined && { heard }),
    ...more,
  };
  const bound = { ms: topology.limits.peerTimeoutMs, what: `agent of ${holder.server}` };
  const askedMs = clock.bootMs(); // Before it is sent: what remains counts from here (E12).
  const answer = await withTimeout(clock, bound, () => holder.handOn(question)).catch(
    () => undefined,
  );
  if (answer === undefined) return undefined;
  memory.heard.set(holder.server, { life: answer.life, number: answer.number });
  const isChanged = takeOver(memory, { holder: holder.server, answer, askedMs });
  if (isChanged) await assigner.assign();
  return answer;
}

type Answered = {
  readonly holder: ServerName;
  readonly answer: HandOnAnswer;
  readonly askedMs: number;
};

function takeOver(memory: AgentMemory, { holder, answer, askedMs }: Answered): boolean {
  let isChanged = false;
  for (const [dataset, hold] of memory.shared) {
    const isOver = answer.mounts.every((mount) => mount.dataset !== dataset);
    if (hold.holder !== holder || !isOver) continue;
    memory.shared.delete(dataset);
    isChanged = true;
  }
  for (const mount of answer.mounts) {
    const known = memory.shared.get(mount.dataset);
    if (isOld(memory, mount, known)) continue;
    memory.shared.set(mount.dataset, nextHold(known, { holder, mount, askedMs }));
    isChanged = true;
  }
  return takeOverLimited(memory, { holder, answer, askedMs }) || isChanged;
}

function takeOverLimited(memory: AgentMemory, { holder, answer, askedMs }: Answered): boolean {
  const { limited = [] } = answer;
  const gone = [...memory.sharedLimited].filter(
    ([pool, hold]) => hold.holder === holder && limited.every((each) => each.pool !== pool),
  );
  for (const [pool] of gone) memory.sharedLimited.delete(pool);
  for (const { remainsMs, ...each } of limited) {
    const told = { ...each, deadlineMs: askedMs + remainsMs };
    memory.sharedLimited.set(each.pool, { holder, limited: told });
  }
  return gone.length > 0 || limited.length > 0;
}

/** E1: another copy is active by now, here or at whoever was heard of it. */
function isOld(memory: AgentMemory, mount: SharedMount, known: SharedHold | undefined): boolean {
  const { dataset, generation } = mount;
  const decided = activeRecordOf(memory.decisions, dataset)?.generation ?? 0;
  return generation < decided || generation < (known?.mount.generation ?? 0);
}

/** Within one generation a deadline is never lowered, nor a decision on owners taken back. */
function nextHold(
  known: SharedHold | undefined,
  { holder, mount, askedMs }: Omit<Answered, 'answer'> & { readonly mount: SharedMount },
): SharedHold {
  const deadlineMs = askedMs + mount.remainsMs;
  if (known?.mount.generation !== mount.generation) return { holder, mount, deadlineMs };
  const isLater = isLaterOwners(mount.owners, known.mount.owners);
  const owners = isLater ? mount.owners : known.mount.owners;
  return {
    holder,
    mount: { ...mount, owners },
    deadlineMs: Math.max(known.deadlineMs, deadlineMs),
  };
}
