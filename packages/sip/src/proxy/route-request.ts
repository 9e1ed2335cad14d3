import { parseNameAddr, writeNameAddr } from '../messages/fields/parse-name-addr.ts';
import type { NameAddr } from '../messages/fields/name-addr.ts';
import { headerField } from '../messages/header-field.ts';
import {
  listValues,
  withAppended,
  withoutField,
  withoutFirstValue,
} from '../messages/header-list.ts';
import type { SipRequest } from '../messages/message.ts';
import { hasParameter } from '../messages/parameters.ts';
import { parseUri } from '../messages/uri/parse-uri.ts';
import type { SipUri, Uri } from '../messages/uri/uri.ts';
import { writeUri } from '../messages/uri/write-uri.ts';

/** Route values of ours in a row: Record-Route is written twice at most, by each of our servers. */
const ownRoutesMax = 8;

export type RoutedRequest = {
  readonly request: SipRequest;
  /** The Route values that led here, in order. */
  readonly ownRoutes: readonly SipUri[];
};

/** Takes off what led a request here (RFC 3261, section 16.4). */
export function takeOwnRoutes(given: SipRequest, isOwn: (uri: Uri) => boolean): RoutedRequest {
  let request = withoutStrictRoute(given, isOwn);
  const ownRoutes: SipUri[] = [];
  for (let count = 0; count < ownRoutesMax; count += 1) {
    const route = firstRoute(request);
    if (route?.uri.kind !== 'sip' || !isOwn(route.uri)) break;
    ownRoutes.push(route.uri);
    request = withoutFirstValue(request, 'route');
  }
  return { request, ownRoutes };
}

/** A strict router before us put our Record-Route into the Request-URI, the target at the end. */
function withoutStrictRoute(request: SipRequest, isOwn: (uri: Uri) => boolean): SipRequest {
  const uri = parseUri(request.uri);
  const routes = listValues(request, 'route');
  const last = parseNameAddr(routes.at(-1) ?? '');
  if (uri?.kind !== 'sip' || last === undefined) return request;
  if (!hasParameter(uri.parameters, 'lr') || !isOwn(uri)) return request;
  const others = withRoutes(request, routes.slice(0, -1));
  return { ...others, uri: writeUri(last.uri) };
}

export type NextHop = { readonly request: SipRequest; readonly uri: Uri | undefined };

/**
 * Where a copy goes next (section 16.6, steps 6 and 7): to its first Route, else its Request-URI.
 * A first Route without `lr` is a strict router, which wants to see itself as the Request-URI.
 */
export function nextHopOf(request: SipRequest): NextHop {
  const first = firstRoute(request);
  if (first === undefined) return { request, uri: parseUri(request.uri) };
  const isLoose = first.uri.kind === 'sip' && hasParameter(first.uri.parameters, 'lr');
  if (isLoose) return { request, uri: first.uri };
  const routes = [...listValues(request, 'route').slice(1), `<${request.uri}>`];
  const strict = { ...withRoutes(request, routes), uri: writeUri(first.uri) };
  return { request: strict, uri: first.uri };
}

function firstRoute(request: SipRequest): NameAddr | undefined {
  const [first] = listValues(request, 'route');
  return first === undefined ? undefined : parseNameAddr(first);
}

function withRoutes(request: SipRequest, routes: readonly string[]): SipRequest {
  const bare = withoutField(request, 'route');
  return routes.length === 0 ? bare : withAppended(bare, headerField('Route', routes.join(', ')));
}

/**
 * Puts values of ours before the Record-Route there is. Each stands on a line of its own: linphone
 * 5.1 makes a route with repetitions of a line with several.
 */
export function withRecordRoute(request: SipRequest, routes: readonly NameAddr[]): SipRequest {
  const values = [...routes.map(writeNameAddr), ...listValues(request, 'record-route')];
  const rest = withoutField(request, 'record-route');
  const fields = values.map((value) => headerField('Record-Route', value));
  return { ...rest, headers: [...fields, ...rest.headers] };
}
