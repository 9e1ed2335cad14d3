import { type PeerMethod, peerMethods } from '@understudy/api';
import type { ServerName } from '@understudy/core';
import {
  type AgentClient,
  AgentUnreachableError,
  TimedOutError,
  withTimeout,
} from '@understudy/ports';
import { lateMs } from './mischief/mischief.ts';
import type { SimWorld } from './sim-world.ts';

type Call = (...parameters: readonly unknown[]) => Promise<unknown>;

/** The client that `from` has of the agent on `to`, over the simulated network. */
export function simAgentClient(link: {
  readonly world: SimWorld;
  readonly from: ServerName;
  readonly to: ServerName;
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
  const { world, from, to } = link;
  const { limits } = world.topology;
  const ms = name === 'obey' ? limits.orderTimeoutMs : limits.peerTimeoutMs;
  const what = `${name} of ${to}`;
  try {
    return await withTimeout(world.clockOf(from), { ms, what }, () =>
      deliver(link, name, parameters),
    );
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
  const { world, from, to } = link;
  const { mischief } = world;
  await onTheWay(world);
  if (!world.canSend(from, to)) return never();
  const target = link.target();
  if (target === undefined) throw new AgentUnreachableError(`${to}: connection refused`);
  const call = (target[name] as Call).bind(target);
  // What crosses a network is a copy, never the sender's own object.
  const sent = parameters.length === 0 ? parameters : copyOf(parameters);
  const heard = world.faults.has('E14') ? withoutAttempt(name, sent) : sent;
  if (world.chance.fraction() < mischief.doubled) {
    const again = copyOf(heard);
    void sleepLate(world).then(() => call(...again).catch(() => {}));
  }
  const answer = await call(...heard);
  await onTheWay(world);
  const isLost = world.chance.fraction() < mischief.lostAnswers;
  return isLost || !world.canSend(to, from) ? never() : answer;
}

/** Without E14 neither an order nor a decision says which attempt gives it. */
function withoutAttempt(name: PeerMethod, sent: readonly unknown[]): readonly unknown[] {
  if (name === 'decide') return sent.slice(0, 2);
  return name === 'obey' ? [{ ...(sent[0] as object), attempt: 1 }] : sent;
}

/** Plain data, as JSON carries it. */
function copyOf<Data>(data: Data): Data {
  if (typeof data !== 'object' || data === null) return data;
  if (Array.isArray(data)) return data.map(copyOf) as Data;
  const copy: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(data)) copy[name] = copyOf(value);
  return copy as Data;
}

/** One for each: a promise keeps whatever waits for it. */
const never = () => new Promise<never>(() => {});

/** Most messages are there at once; some overtake each other, or are late. */
export function onTheWay(world: SimWorld): Promise<void> | undefined {
  const { chance, clock, mischief } = world;
  if (chance.fraction() < mischief.late) return clock.sleep(chance.integer(...lateMs));
  return chance.fraction() < 0.2 ? clock.sleep(chance.integer(1, 30)) : undefined;
}

/** What comes a second time comes with the first, or when nobody waits for it any more. */
export function sleepLate({ chance, clock }: SimWorld): Promise<void> {
  return clock.sleep(chance.fraction() < 0.5 ? 0 : chance.integer(...lateMs));
}
