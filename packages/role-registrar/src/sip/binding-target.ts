import {
  type Destination,
  type HeaderField,
  parseNameAddr,
  type ProxyTarget,
  type Transport,
} from '@understudy/sip';
import type { Binding } from '../bindings/binding.ts';
import { isAt, type PhoneWays, wayTo } from '../neighbours/phone-ways.ts';

/**
 * Where a request for a user goes: once to each phone. Bindings that are one phone's connections
 * follow each other (RFC 5626, section 7), first those that stand here, then the newest.
 */
export function targetsOf(
  bindings: readonly Binding[],
  ways: PhoneWays,
  headers: readonly HeaderField[] = [],
): readonly ProxyTarget[] {
  const elsewhere = ({ source }: Binding) => (ways.flows.of(source) === undefined ? 1 : 0);
  return byPhone(bindings).flatMap((connections) => {
    const inTurn = connections.toSorted(
      (one, other) => elsewhere(one) - elsewhere(other) || other.expiresAtMs - one.expiresAtMs,
    );
    const target = inTurn.reduceRight<ProxyTarget | undefined>(
      (otherwise, binding) => inTurnBefore(targetOf(binding, ways), headers, otherwise),
      undefined,
    );
    return target === undefined ? [] : [target];
  });
}

/** A target with all its own ways, and behind them those by the phone's other connections. */
function inTurnBefore(
  { otherwise, ...target }: ProxyTarget,
  headers: readonly HeaderField[],
  next: ProxyTarget | undefined,
): ProxyTarget {
  const behind = otherwise === undefined ? next : inTurnBefore(otherwise, headers, next);
  return { ...target, headers, ...(behind !== undefined && { otherwise: behind }) };
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
 * the phone's NAT; by its Path where another server has the connection; by its contact where that
 * is gone, or was another server's before a failover.
 */
function targetOf(binding: Binding, ways: PhoneWays): ProxyTarget {
  const { contact, path } = binding;
  const routes = path.map(parseNameAddr).filter((each) => each !== undefined);
  const [first, ...rest] = routes;
  const byContact = targetByContact(binding, ways);
  if (first === undefined) return byContact;
  const here = ways.ownFlow(first);
  if (here !== undefined) {
    const destination = wayTo(contact, here);
    return { uri: contact, routes: rest, destination, otherwise: { uri: contact, routes: rest } };
  }
  const there = ways.flowAt(first);
  if (there === undefined) return { uri: contact, routes };
  // With a server its connections are gone; what is left is to try where the phone says it is. Of
  // the other side's servers nothing is known here: nobody waits for one where there is no need.
  const neighbour = ways.neighbourAt(first);
  const isDirect = there.transport === 'udp' && isAt(contact, there);
  const isGone = neighbour === undefined ? isDirect : !neighbour.isAnswering;
  return isGone ? byContact : { uri: contact, routes, otherwise: byContact };
}

function targetByContact({ contact, source }: Binding, ways: PhoneWays): ProxyTarget {
  const destination = destinationOf(contact, source, ways);
  return { uri: contact, ...(destination !== undefined && { destination }) };
}

const sourceName = /^(udp|tcp|tls) \[?([0-9a-fA-F.:]{2,45})\]?:(\d{1,5})$/;

function destinationOf(
  contact: string,
  source: string,
  { flows }: PhoneWays,
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
