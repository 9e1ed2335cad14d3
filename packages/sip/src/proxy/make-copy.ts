import type { Chance } from '@understudy/ports';
import { forwardRequest } from '../messages/compose/forward-request.ts';
import type { Via } from '../messages/fields/via.ts';
import { withField } from '../messages/header-list.ts';
import type { SipRequest } from '../messages/message.ts';
import type { Uri } from '../messages/uri/uri.ts';
import type { Destination } from '../transports/destination.ts';
import type { Source } from '../transports/source.ts';
import { branchOf } from './loop-detection.ts';
import type { ProxyTarget } from './proxy-target.ts';
import { recordRoutes, type RecordRouteTools } from './record-routes.ts';
import { nextHopOf, withRecordRoute } from './route-request.ts';

/** A request that was let through, ready to be copied. */
export type Prepared = {
  /** Without the Route values that led here. */
  readonly request: SipRequest;
  readonly source: Source;
  readonly wayHash: string;
};

export type CopyTools = RecordRouteTools & { readonly chance: Chance };

/** The copy of a request for one destination of a target (RFC 3261, section 16.6). */
export function makeCopy(
  prepared: Prepared,
  {
    target,
    destination,
    breadth,
  }: {
    readonly target: ProxyTarget;
    readonly destination: Destination;
    readonly breadth: number;
  },
  tools: CopyTools,
): SipRequest {
  const { request, wayHash } = prepared;
  const via = viaOf(destination, branchOf(tools.chance, wayHash), tools);
  const { uri, routes = [], headers = [] } = target;
  const copy = nextHopOf(forwardRequest(request, { uri, via, routes })).request;
  const own = recordRoutes(prepared, destination, tools);
  const recorded = own.length === 0 ? copy : withRecordRoute(copy, own);
  const told = headers.reduce((each, { name, value }) => withField(each, name, value), recorded);
  return withField(told, 'Max-Breadth', `${breadth}`);
}

/** Where a target's copy goes first (section 16.6, steps 6 and 7); undefined for no URI. */
export function firstHopOf({ request }: Prepared, { uri, routes = [] }: ProxyTarget) {
  return routes[0]?.uri ?? nextHopOf({ ...request, uri }).uri;
}

/** What the transports fill in with what they know when they send. */
function viaOf(destination: Destination, branch: string, { own }: CopyTools): Via {
  const sentBy = own.listenerOf(destination.transport)?.sentBy ?? { host: 'unknown.invalid' };
  return {
    protocol: 'SIP',
    version: '2.0',
    transport: destination.transport.toUpperCase(),
    ...sentBy,
    parameters: [{ name: 'branch', value: branch }, { name: 'rport' }],
  };
}

export type Locate = (uri: Uri) => Promise<readonly Destination[]>;
