import {
  defaultPortOf,
  type Destination,
  type FlowId,
  hostOf,
  nameOfDestination,
  parseNameAddr,
  parseUri,
  type ProxyTarget,
  type Source,
  type Transport,
} from '@understudy/sip';
import type { Binding } from '../bindings/binding.ts';

/** Connections of phones that registered here, by what bindings call their source. */
export type PhoneFlows = {
  learn(source: Source): void;
  forget(flow: FlowId): void;
  of(source: string): FlowId | undefined;
};

/** As many as there may be connections; the oldest gives way. */
const flowsMax = 100_000;

export function createPhoneFlows(): PhoneFlows {
  const flows = new Map<string, FlowId>();
  const names = new Map<FlowId, string>();
  const drop = (name: string) => {
    const flow = flows.get(name);
    flows.delete(name);
    if (flow !== undefined && names.get(flow) === name) names.delete(flow);
  };
  return {
    learn: (source) => {
      const name = nameOfDestination(source);
      drop(name);
      flows.set(name, source.flow);
      names.set(source.flow, name);
      const [oldest] = flows.keys(); // A Map keeps the order of insertion.
      if (flows.size > flowsMax && oldest !== undefined) drop(oldest);
    },
    forget: (flow) => {
      const name = names.get(flow);
      if (name !== undefined) drop(name);
    },
    of: (source) => flows.get(source),
  };
}

/**
 * Where a request for a binding goes: back where its REGISTER came from, which is the way through
 * the phone's NAT; by its Path where it has one; by its contact where the connection is gone, or
 * was another server's before a failover.
 */
export function targetOf({ contact, path, source }: Binding, flows: PhoneFlows): ProxyTarget {
  const routes = path.map(parseNameAddr).filter((each) => each !== undefined);
  if (routes.length > 0) return { uri: contact, routes };
  const destination = destinationOf(contact, source, flows);
  return { uri: contact, ...(destination !== undefined && { destination }) };
}

const sourceName = /^(udp|tcp|tls) \[?([0-9a-fA-F.:]{2,45})\]?:(\d{1,5})$/;

function destinationOf(
  contact: string,
  source: string,
  flows: PhoneFlows,
): Destination | undefined {
  const [, transport, address = '', port] = sourceName.exec(source) ?? [];
  if (transport === undefined) return undefined;
  const place = { transport: transport as Transport, address, port: Number(port) };
  const flow = flows.of(source);
  if (flow !== undefined && (transport !== 'udp' || !isAt(contact, place))) {
    return { ...place, flow };
  }
  return transport === 'udp' ? place : undefined;
}

/**
 * Whether a phone over UDP can be reached at its contact. Behind a NAT it is elsewhere, and its
 * calls stay on the addresses that the NAT has opened (decisions/0025).
 */
function isAt(contact: string, { address, port }: Destination): boolean {
  const uri = parseUri(contact);
  if (uri?.kind !== 'sip') return false;
  return uri.host === hostOf(address) && (uri.port ?? defaultPortOf('udp')) === port;
}
