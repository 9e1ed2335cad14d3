import type { Parameters } from '../messages/parameters.ts';
import type { NameAddr } from '../messages/fields/name-addr.ts';
import type { Via } from '../messages/fields/via.ts';
import type { Uri } from '../messages/uri/uri.ts';
import { defaultPortOf, isReliable, type Transport } from '../transports/destination.ts';
import type { Source } from '../transports/source.ts';
import type { Listening } from '../transports/transports.ts';

/** What this server is called, by its listeners. */
export type OwnAddresses = {
  /** Whether a Route or Request-URI leads to this very server, whoever it is about. */
  readonly isOwnUri: (uri: Uri) => boolean;
  readonly isOwnVia: (via: Via) => boolean;
  /** The listener that messages to or from there pass through. */
  readonly listenerOf: (transport: Transport, local?: Source['local']) => Listening | undefined;
  /** This server as a value of Record-Route or Path; `user` is a flow token. */
  readonly routeOf: (listening: Listening, user: string | undefined) => NameAddr;
};

export function ownAddressesOf(listening: readonly Listening[]): OwnAddresses {
  const isOwn = (host: string, port: number | undefined) =>
    listening.some(
      ({ sentBy, transport }) =>
        sentBy.host.toLowerCase() === host.toLowerCase() &&
        sentBy.port === (port ?? defaultPortOf(transport)),
    );
  return {
    isOwnUri: (uri) => uri.kind === 'sip' && isOwn(uri.host, uri.port),
    isOwnVia: ({ host, port }) => isOwn(host, port),
    listenerOf: (transport, local) => {
      const all = listening.filter((each) => each.transport === transport);
      const same = all.find(
        ({ address, port }) => address === local?.address && port === local.port,
      );
      return same ?? all[0];
    },
    routeOf: ({ sentBy, transport }, user) => ({
      uri: {
        kind: 'sip',
        scheme: 'sip',
        ...(user === undefined ? {} : { user }),
        host: sentBy.host,
        port: sentBy.port,
        parameters: routeParameters(transport),
        headers: [],
      },
      parameters: [],
    }),
  };
}

/** Loose routing (RFC 3261, section 16.6, step 4), and the transport where it is not UDP. */
function routeParameters(transport: Transport): Parameters {
  const named = isReliable(transport) ? [{ name: 'transport', value: transport }] : [];
  return [...named, { name: 'lr' }];
}
