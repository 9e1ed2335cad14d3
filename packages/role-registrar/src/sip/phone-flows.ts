import type { PoolName } from '@understudy/core';
import { type FlowId, nameOfDestination, type Source } from '@understudy/sip';
import type { Binding } from '../bindings/binding.ts';

/** A binding that is its connection, and ends with it (RFC 5626). */
export type FlowBinding = {
  readonly userId: string;
  readonly pool: PoolName;
  readonly binding: Pick<Binding, 'instance' | 'regId' | 'source'>;
};

/** Connections of phones that registered here, by what bindings call their source. */
export type PhoneFlows = {
  /** `bound`: what ends with the connection. */
  learn(source: Source, bound?: FlowBinding): void;
  /** The connection has ended; gives what ends with it. */
  forget(flow: FlowId): readonly FlowBinding[];
  of(source: string): FlowId | undefined;
};

/** As many as there may be connections; the oldest gives way. */
const flowsMax = 100_000;
/** A gateway signs in several by one connection; bindings beyond these end by their lives. */
const boundMax = 16;

type Known = { readonly name: string; readonly bound: readonly FlowBinding[] };

export function createPhoneFlows(): PhoneFlows {
  const flows = new Map<string, FlowId>();
  const known = new Map<FlowId, Known>();
  const drop = (name: string) => {
    const flow = flows.get(name);
    flows.delete(name);
    if (flow !== undefined) known.delete(flow);
  };
  return {
    learn: (source, bound) => {
      const name = nameOfDestination(source);
      const before = flows.get(name) === source.flow ? known.get(source.flow)?.bound : undefined;
      drop(name);
      flows.set(name, source.flow);
      known.set(source.flow, { name, bound: withBound(before ?? [], bound) });
      const [oldest] = flows.keys(); // A Map keeps the order of insertion.
      if (flows.size > flowsMax && oldest !== undefined) drop(oldest);
    },
    forget: (flow) => {
      const { name, bound = [] } = known.get(flow) ?? {};
      if (name !== undefined) drop(name);
      return bound;
    },
    of: (source) => flows.get(source),
  };
}

function withBound(
  bound: readonly FlowBinding[],
  next: FlowBinding | undefined,
): readonly FlowBinding[] {
  if (next === undefined || bound.some((each) => isSame(each, next))) return bound;
  return [...bound, next].slice(-boundMax);
}

function isSame(one: FlowBinding, other: FlowBinding): boolean {
  const { instance, regId } = one.binding;
  const isOfOne = one.userId === other.userId && one.pool === other.pool;
  return isOfOne && instance === other.binding.instance && regId === other.binding.regId;
}
