import type { AskedContact, Binding, FlowEnd, Registration } from './binding.ts';

export type RegistrationBounds = {
  readonly bindingsMax: number;
  /** Whether two URIs are the same contact (RFC 3261, section 19.1.4). */
  readonly isSameUri: (one: string, other: string) => boolean;
  readonly newId: () => string;
};

export type RegistrationPlan =
  | {
      readonly kind: 'done';
      readonly put: readonly Binding[];
      readonly remove: readonly string[];
      /** All bindings of the user afterwards. */
      readonly bindings: readonly Binding[];
    }
  | { readonly kind: 'stale' }
  | { readonly kind: 'tooMany'; readonly bindingsMax: number };

/**
 * What a REGISTER changes among its user's bindings: all of it or nothing (RFC 3261, section 10.3,
 * steps 6 and 7). A binding made by the same Call-ID with a higher CSeq is not touched: the request
 * was overtaken. The same CSeq is the same request, asked again after a failover (E13).
 */
export function planRegistration(
  stored: readonly Binding[],
  asked: Registration,
  { nowMs, ...bounds }: RegistrationBounds & { readonly nowMs: number },
): RegistrationPlan {
  const living = stored.filter(({ expiresAtMs }) => expiresAtMs > nowMs);
  const expired = stored.filter((each) => !living.includes(each)).map(({ id }) => id);
  const overtaken = (each: Binding) => each.callId === asked.callId && each.cseq > asked.cseq;
  if (asked.contacts === 'all') {
    if (living.some(overtaken)) return { kind: 'stale' };
    return { kind: 'done', put: [], remove: stored.map(({ id }) => id), bindings: [] };
  }
  let bindings = living;
  const put: Binding[] = [];
  for (const contact of asked.contacts) {
    const former = living.find((each) => isSameBinding(each, contact, bounds));
    if (former !== undefined && overtaken(former)) return { kind: 'stale' };
    bindings = bindings.filter((each) => each !== former);
    if (contact.lifeMs === 0) continue;
    const next = bindingOf(contact, asked, { id: former?.id ?? bounds.newId(), nowMs });
    bindings = [...bindings.filter(({ id }) => id !== next.id), next];
    put.push(next);
  }
  const { bindingsMax } = bounds;
  if (put.length > 0 && bindings.length > bindingsMax) return { kind: 'tooMany', bindingsMax };
  const kept = new Set(bindings.map(({ id }) => id));
  const ended = living.map(({ id }) => id).filter((id) => !kept.has(id));
  return { kind: 'done', put, remove: [...expired, ...ended], bindings };
}

/**
 * What is left when a phone's connection has ended. A binding that another connection has refreshed
 * meanwhile is of that one.
 */
export function planFlowEnd(
  stored: readonly Binding[],
  { instance, regId, source }: FlowEnd,
): RegistrationPlan {
  const isOver = (each: Binding) =>
    each.instance === instance && each.regId === regId && each.source === source;
  const remove = stored.filter(isOver).map(({ id }) => id);
  return { kind: 'done', put: [], remove, bindings: stored.filter((each) => !isOver(each)) };
}

/** With instance and reg-id these two say which binding it is, whatever the URI (RFC 5626, 6). */
function isSameBinding(
  stored: Binding,
  asked: AskedContact,
  { isSameUri }: Pick<RegistrationBounds, 'isSameUri'>,
): boolean {
  if (asked.instance !== undefined && asked.regId !== undefined) {
    return stored.instance === asked.instance && stored.regId === asked.regId;
  }
  return stored.regId === undefined && isSameUri(stored.contact, asked.contact);
}

function bindingOf(
  { contact, instance, regId, q, lifeMs }: AskedContact,
  { callId, cseq, path, source, userAgent }: Registration,
  { id, nowMs }: { readonly id: string; readonly nowMs: number },
): Binding {
  return {
    id,
    contact,
    ...(instance !== undefined && { instance }),
    ...(regId !== undefined && { regId }),
    q,
    path,
    source,
    callId,
    cseq,
    userAgent,
    expiresAtMs: nowMs + lifeMs,
  };
}
