import { type PeerMethod, peerMethods } from '@understudy/api';
import type { ServerName } from '@understudy/core';
import {
  type AgentClient,
  AgentUnreachableError,
  TimedOutError,
  withTimeout,
} from '@understudy/ports';
import type { SimWorld } from './sim-world.ts';

type Call = (...parameters: readonly unknown[]) => Promise<unknown>;

/** How often an answer is lost, or a message delivered twice, when the seed allows it. */
export type Mischief = { lostAnswers: number; doubled: number };

/** The client that `from` has of the agent on `to`, over the simulated network. */
export function simAgentClient(link: {
  readonly world: SimWorld;
  readonly from: ServerName;
  readonly to: ServerName;
  readonly mischief: Mischief;
  /** The agent that lives there now, if any. */
  readonly target: () => AgentClient | undefined;
}): AgentClient {
  const client: Record<string, unknown> = { server: link.to };
  for (const name of peerMethods) {
    client[name] = (...parameters: readonly unknown[]) => carry(link, name, parameters);
  }
  return client as unknown as AgentClient;
}

async function carry(
  link: Parameters<typeof simAgentClient>[0],
  name: PeerMethod,
  parameters: readonly unknown[],
): Promise<unknown> {
  const { world, to } = link;
  const { limits } = world.topology;
  const ms = name === 'obey' ? limits.orderTimeoutMs : limits.peerTimeoutMs;
  const what = `${name} of ${to}`;
  try {
    return await withTimeout(world.clock, { ms, what }, () => deliver(link, name, parameters));
  } catch (error) {
    if (error instanceof TimedOutError) throw new AgentUnreachableError(error.message);
    throw error;
  }
}

async function deliver(
  link: Parameters<typeof simAgentClient>[0],
  name: PeerMethod,
  parameters: readonly unknown[],
): Promise<unknown> {
  const { world, from, to, mischief } = link;
  await pause(world);
  if (!world.canSend(from, to)) return never();
  const target = link.target();
  if (target === undefined) throw new AgentUnreachableError(`${to}: connection refused`);
  const call = (target[name] as Call).bind(target);
  // What crosses a network is a copy, never the sender's own object.
  const sent = parameters.length === 0 ? parameters : structuredClone(parameters);
  const heard = world.faults.has('E14') ? withoutAttempt(name, sent) : sent;
  if (world.chance.fraction() < mischief.doubled) call(...structuredClone(heard)).catch(() => {});
  const answer = await call(...heard);
  await pause(world);
  const isLost = world.chance.fraction() < mischief.lostAnswers;
  return isLost || !world.canSend(to, from) ? never() : answer;
}

/** Without E14 neither an order nor a decision says which attempt gives it. */
function withoutAttempt(name: PeerMethod, sent: readonly unknown[]): readonly unknown[] {
  if (name === 'decide') return sent.slice(0, 2);
  return name === 'obey' ? [{ ...(sent[0] as object), attempt: 1 }] : sent;
}

/** One for each: a promise keeps whatever waits for it. */
const never = () => new Promise<never>(() => {});

function pause(world: SimWorld): Promise<void> | undefined {
  return world.chance.fraction() < 0.2 ? world.clock.sleep(world.chance.integer(1, 30)) : undefined;
}
