import type { NameAddr } from '../messages/fields/name-addr.ts';
import type { SipRequest } from '../messages/message.ts';
import { toTag, viasOf } from '../messages/read/read-fields.ts';
import type { SipUri } from '../messages/uri/uri.ts';
import type { Destination } from '../transports/destination.ts';
import type { FlowTokens } from '../transports/flow-token.ts';
import type { Source } from '../transports/source.ts';
import type { OwnAddresses } from './own-addresses.ts';

// What comes later in a dialog must find the phones by the flows that they have opened: a contact
// behind a NAT leads nowhere. So this server writes itself into the route twice, where both sides
// have flows or transports of their own (RFC 5658): towards the callee with a token of the caller's
// flow, towards the caller with one of the callee's. Every value of ours has a token, also where it
// names no flow: it shows that the dialog was let through when it began.

const dialogMethods: ReadonlySet<string> = new Set(['INVITE', 'SUBSCRIBE', 'REFER']);
const noFlow = '';

export type RecordRouteTools = { readonly own: OwnAddresses; readonly flowTokens: FlowTokens };

/** Our values for the copy of a request that may begin a dialog, the callee's side on top. */
export function recordRoutes(
  { request, source }: { readonly request: SipRequest; readonly source: Source },
  destination: Destination,
  { own, flowTokens }: RecordRouteTools,
): readonly NameAddr[] {
  if (!dialogMethods.has(request.method) || toTag(request) !== undefined) return [];
  const near = own.listenerOf(source.transport, source.local);
  const far = own.listenerOf(destination.transport) ?? near;
  if (near === undefined || far === undefined) return [];
  // RFC 5626, section 5.3: only the first hop knows the flow of a phone; others bring many.
  const isFirstHop = viasOf(request)?.length === 1;
  const callers = flowTokens.make(isFirstHop ? source : { ...source, flow: noFlow });
  const nearRoute = own.routeOf(near, callers);
  if (far === near && destination.flow === undefined) return [nearRoute];
  const callees = flowTokens.make({ ...destination, flow: destination.flow ?? noFlow });
  return [own.routeOf(far, callees), nearRoute];
}

export type OwnRoute = {
  /** One of the values was signed by this deployment. */
  readonly isSigned: boolean;
  /** The flow that the request is to be sent by. */
  readonly flow?: Destination;
};

/** What the Route values that led here say (RFC 5626, section 5.3.1). */
export function readOwnRoutes(
  ownRoutes: readonly SipUri[],
  source: Source,
  flowTokens: FlowTokens,
): OwnRoute {
  const tokens = ownRoutes.flatMap(({ user }) => flowTokens.read(user ?? '') ?? []);
  // A request that comes by the very flow that a token names is on its way out.
  const flow = tokens.findLast((token) => token.flow !== noFlow && token.flow !== source.flow);
  return { isSigned: tokens.length > 0, ...(flow === undefined ? {} : { flow }) };
}
