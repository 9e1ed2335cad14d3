import {
  buildResponse,
  hasOptionTag,
  headerField,
  type HeaderField,
  listValues,
  quote,
  type SipRequest,
  type SipResponse,
  type Transport,
  writeQ,
  writeSipDate,
} from '@understudy/sip';
import type { SipPlace } from '@understudy/core';
import type { Binding } from '../bindings/binding.ts';
import { flowTimerSeconds, registerOptionTags } from './outbound.ts';
import { placeUri } from './redirect.ts';

type Registered = {
  readonly bindings: readonly Binding[];
  /** Those that this request has made or refreshed. */
  readonly put: readonly Binding[];
  /** This server, as a value of Route. */
  readonly ownRoute: string | undefined;
  /** Servers of the other side of the pool. */
  readonly others: readonly SipPlace[];
  readonly transport: Transport;
  readonly nowMs: number;
  readonly toTag: string;
};

/** RFC 3261, section 10.3, step 8: all bindings, each with what is left of its life. */
export function answerRegister(request: SipRequest, registered: Registered): SipResponse {
  const { bindings, nowMs, toTag } = registered;
  return buildResponse(request, {
    status: 200,
    toTag,
    headers: [
      ...bindings.map((binding) => headerField('Contact', contactOf(binding, nowMs))),
      ...pathOf(request),
      ...flowOf(request, registered),
      ...othersOf(registered),
      headerField('Supported', registerOptionTags.join(', ')),
      headerField('Date', writeSipDate(nowMs)),
    ],
  });
}

/**
 * What a phone must know that is called by its connection (RFC 5626, section 6): that it is, how
 * often to let hear of itself, and that its requests come here too (RFC 3608). Other phones get no
 * Service-Route: while this server is dead their own list of servers leads on, a route does not.
 */
function flowOf(
  request: SipRequest,
  { put, ownRoute, transport }: Registered,
): readonly HeaderField[] {
  const hasPath = listValues(request, 'path').length > 0;
  const hasFlow = put.some(({ regId }) => regId !== undefined);
  const isOnStream = transport !== 'udp';
  const routed = put.length > 0 && (hasFlow || hasPath) && ownRoute !== undefined;
  return [
    ...(hasFlow ? [headerField('Require', 'outbound')] : []),
    // Whoever has the connection says how it is kept: with a Path that is another server.
    ...(hasFlow && isOnStream && !hasPath
      ? [headerField('Flow-Timer', `${flowTimerSeconds}`)]
      : []),
    ...(routed ? [headerField('Service-Route', ownRoute)] : []),
  ];
}

/**
 * Where the pool is served when it is not served here, for phones that look: no RFC has a field for
 * it, and RFC 3261, section 20.9, lets those pass over a purpose that do not know it.
 */
function othersOf({ others, transport }: Registered): readonly HeaderField[] {
  return others.map((place) =>
    headerField('Call-Info', `<${placeUri(place, transport)}>;purpose=backup-registrar`),
  );
}

const qMax = 1_000;

function contactOf(binding: Binding, nowMs: number): string {
  const { contact, instance, regId, q, expiresAtMs } = binding;
  const leftSeconds = Math.max(0, Math.ceil((expiresAtMs - nowMs) / 1000));
  return [
    `<${contact}>;expires=${leftSeconds}`,
    ...(q === qMax ? [] : [`q=${writeQ(q)}`]),
    ...(instance === undefined ? [] : [`+sip.instance=${quote(instance)}`]),
    ...(regId === undefined ? [] : [`reg-id=${regId}`]),
  ].join(';');
}

/** RFC 3327, section 5.3: the path as it was stored, to a phone that knows what it is. */
function pathOf(request: SipRequest): readonly HeaderField[] {
  const path = listValues(request, 'path');
  const isKnown = hasOptionTag(request, 'supported', 'path');
  return isKnown && path.length > 0 ? [headerField('Path', path.join(', '))] : [];
}
