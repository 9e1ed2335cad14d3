import type { RoleNeighbour } from '@understudy/core';
import {
  defaultPortOf,
  type Destination,
  hostOf,
  type NameAddr,
  type OwnAddresses,
  parseUri,
  type Source,
  writeNameAddr,
} from '@understudy/sip';
import type { PhoneFlows } from '../sip/phone-flows.ts';
import type { NeighbourTokens } from './neighbour-tokens.ts';

/** Ways to phones: by connections that stand here, and by other servers of the pool. */
export type PhoneWays = {
  readonly flows: Pick<PhoneFlows, 'of'>;
  /** This server as the Path of a phone that has come in there. */
  readonly pathOf: (source: Source) => NameAddr | undefined;
  /** The connection here that a Path names; undefined where it is another server's. */
  readonly ownFlow: (path: NameAddr) => Destination | undefined;
  /** The connection that a Path of any server of the deployment names. */
  readonly flowAt: (path: NameAddr) => Destination | undefined;
  /** The other server of the pool that a Path names. */
  readonly neighbourAt: (path: NameAddr) => RoleNeighbour | undefined;
};

export function createPhoneWays({
  flows,
  tokens,
  own,
  neighbours,
}: {
  readonly flows: PhoneWays['flows'];
  readonly tokens: NeighbourTokens;
  readonly own: () => OwnAddresses;
  readonly neighbours: () => readonly RoleNeighbour[];
}): PhoneWays {
  return {
    flows,
    pathOf: (source) => {
      // Between servers by TCP: what is dead is noticed at once, and large requests fit.
      const listening = own().listenerOf('tcp');
      if (listening === undefined) return undefined;
      const { uri, parameters } = own().routeOf(listening, tokens.path.make(source));
      if (uri.kind !== 'sip') return undefined;
      // RFC 5626, section 5.1: this server keeps the phone's connection.
      return { uri: { ...uri, parameters: [...uri.parameters, { name: 'ob' }] }, parameters };
    },
    ownFlow: ({ uri }) =>
      uri.kind === 'sip' && own().isOwnUri(uri) ? tokens.path.read(uri.user ?? '') : undefined,
    flowAt: ({ uri }) => (uri.kind === 'sip' ? tokens.path.read(uri.user ?? '') : undefined),
    neighbourAt: ({ uri }) => {
      if (uri.kind !== 'sip') return undefined;
      const place = `${uri.host}:${uri.port ?? defaultPortOf('tcp')}`;
      return neighbours().find(({ sip }) => sip?.plain === place);
    },
  };
}

/** As it is written in a binding. */
export function writePath(ways: PhoneWays, source: Source): readonly string[] {
  const path = ways.pathOf(source);
  return path === undefined ? [] : [writeNameAddr(path)];
}

/**
 * The way to a phone over a connection that stands here. A phone over UDP whose contact is where it
 * sends from is behind no NAT, and large requests may go to it by TCP (RFC 3261, section 18.1.1).
 */
export function wayTo(contact: string, connection: Destination): Destination {
  const { transport, address, port } = connection;
  if (transport !== 'udp' || !isAt(contact, connection)) return connection;
  return { transport, address, port };
}

/**
 * Whether a phone over UDP can be reached at its contact. Behind a NAT it is elsewhere, and its
 * calls stay on the addresses that the NAT has opened (decisions/0025).
 */
export function isAt(contact: string, { address, port }: Destination): boolean {
  const uri = parseUri(contact);
  if (uri?.kind !== 'sip') return false;
  return uri.host === hostOf(address) && (uri.port ?? defaultPortOf('udp')) === port;
}
