import {
  createFlowTokens,
  type Destination,
  type FlowTokens,
  listValues,
  parseNameAddr,
  type ProxyRequest,
} from '@understudy/sip';

// Servers of one pool lead to each other (decisions/0033). Which of them has a phone's connection
// is said by the Path of its binding (RFC 3327): an address of that server, with a token of the
// connection. What goes to a routing group's owner carries, in its Route, a token of where the
// phone is. Both kinds are signed, and neither is the kind that dialogs are signed with.

export type NeighbourTokens = {
  /** In a Path: the connection of a phone here. */
  readonly path: FlowTokens;
  /** In a Route to an owner: where the phone is that has sent this. */
  readonly handed: FlowTokens;
};

export function createNeighbourTokens(secret: string): NeighbourTokens {
  return {
    path: createFlowTokens(`${secret} path`),
    handed: createFlowTokens(`${secret} handed over`),
  };
}

/**
 * Where the phone is whose request another server of the pool has handed over; undefined for one
 * that comes from elsewhere. Handed over once, it is served here, whoever owns the group by now.
 */
export function handedFrom(asked: Asked, { handed }: NeighbourTokens): Destination | undefined {
  return handed.read(firstRouteUser(asked));
}

/** The connection of a phone here that a request was led to by the Path of its binding. */
export function ledTo(asked: Asked, { path }: NeighbourTokens): Destination | undefined {
  return path.read(firstRouteUser(asked));
}

type Asked = Pick<ProxyRequest, 'transaction'>;

/** Of the request as it was received: Route values that led here are off what is passed on. */
function firstRouteUser({ transaction }: Asked): string {
  const [first = ''] = listValues(transaction.request, 'route');
  const uri = parseNameAddr(first)?.uri;
  return uri?.kind === 'sip' ? (uri.user ?? '') : '';
}
