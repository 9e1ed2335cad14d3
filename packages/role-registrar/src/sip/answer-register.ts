import {
  buildResponse,
  hasOptionTag,
  headerField,
  type HeaderField,
  listValues,
  quote,
  type SipRequest,
  type SipResponse,
  writeQ,
  writeSipDate,
} from '@understudy/sip';
import type { Binding } from '../bindings/binding.ts';

type Registered = {
  readonly bindings: readonly Binding[];
  readonly nowMs: number;
  readonly toTag: string;
};

/** RFC 3261, section 10.3, step 8: all bindings, each with what is left of its life. */
export function answerRegister(
  request: SipRequest,
  { bindings, nowMs, toTag }: Registered,
): SipResponse {
  return buildResponse(request, {
    status: 200,
    toTag,
    headers: [
      ...bindings.map((binding) => headerField('Contact', contactOf(binding, nowMs))),
      ...pathOf(request),
      headerField('Date', writeSipDate(nowMs)),
    ],
  });
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
