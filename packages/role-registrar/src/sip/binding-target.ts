import {
  defaultPortOf,
  type Destination,
  type HeaderField,
  hostOf,
  parseNameAddr,
  parseUri,
  type ProxyTarget,
  type Transport,
} from '@understudy/sip';
import type { Binding } from '../bindings/binding.ts';
import type { PhoneFlows } from './phone-flows.ts';

/**
 * Where a request for a user goes: once to each phone. Bindings that are one phone's connections
 * follow each other (RFC 5626, section 7), first those that stand here, then the newest.
 */
export function targetsOf(
  bindings: readonly Binding[],
  flows: PhoneFlows,
  headers: readonly HeaderField[] = [],
): readonly ProxyTarget[] {
  const elsewhere = ({ source }: Binding) => (flows.of(source) === undefined ? 1 : 0);
  return byPhone(bindings).flatMap((connections) => {
    const inTurn = connections.toSorted(
      (one, other) => elsewhere(one) - elsewhere(other) || other.expiresAtMs - one.expiresAtMs,
    );
    const target = inTurn.reduceRight<ProxyTarget | undefined>(
      (otherwise, binding) => ({
        ...targetOf(binding, flows),
        headers,
        ...(otherwise !== undefined && { otherwise }),
      }),
      undefined,
    );
    return target === undefined ? [] : [target];
  });
}

function byPhone(bindings: readonly Binding[]): readonly (readonly Binding[])[] {
  const phones = new Map<string, Binding[]>();
  for (const binding of bindings) {
    const { id, instance, regId } = binding;
    const phone = instance === undefined || regId === undefined ? `binding ${id}` : instance;
    phones.set(phone, [...(phones.get(phone) ?? []), binding]);
  }
  return [...phones.values()];
}

/**
 * Where a request for a binding goes: back where its REGISTER came from, which is the way through
 * the phone's NAT; by its Path where it has one; by its contact where the connection is gone, or
 * was another server's before a failover.
 */
function targetOf({ contact, path, source }: Binding, flows: PhoneFlows): ProxyTarget {
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
