import {
  headerField,
  type HeaderField,
  listValues,
  type NameAddr,
  parameterValue,
  hasParameter,
  parseNameAddr,
  type SipRequest,
  type Uri,
  writeNameAddr,
} from '@understudy/sip';

// By which addresses a call has come (History-Info, RFC 7044): what ends circles, over servers and
// pools, since it travels with the call. Diversion (RFC 5806) tells less: only who forwarded, not
// to whom, and it is no standard. Forwarding never leaves our domain, so Privacy (section 10.1)
// asks nothing of us.

/** The addresses in order; the last one is where the call is now. */
export type CallHistory = readonly NameAddr[];

/** Whose address a URI is; undefined where it is no user's of ours. */
export type NameOf = (uri: Uri) => string | undefined;

/** How often one call may be forwarded, wherever that happens. */
export const forwardsMax = 5;

/** What the request tells, with the address that it is for; what cannot be read is left out. */
export function readHistory(request: SipRequest, called: Uri, nameOf: NameOf): CallHistory {
  const told = listValues(request, 'history-info').flatMap((each) => parseNameAddr(each) ?? []);
  const last = told.at(-1);
  if (last !== undefined && nameOf(last.uri) === nameOf(called)) return told;
  return [...told, entryOf(called, last === undefined ? '1' : below(last))];
}

/** With one address more: that of a user whom the one before has named, and why. */
export function lengthen(history: CallHistory, to: Uri, cause: number | undefined): CallHistory {
  const last = history.at(-1);
  if (last === undefined) return [entryOf(to, '1')];
  const parent = cause === undefined ? last : withCause(last, cause);
  const mapped = { name: 'mp', value: indexOf(last) };
  const next = entryOf(to, below(last));
  return [...history.slice(0, -1), parent, { ...next, parameters: [...next.parameters, mapped] }];
}

/** How often the call was given to another user (section 5.1: `mp`). */
export function forwardsOf(history: CallHistory): number {
  return history.filter(({ parameters }) => hasParameter(parameters, 'mp')).length;
}

export function wasAt(history: CallHistory, name: string, nameOf: NameOf): boolean {
  return history.some(({ uri }) => nameOf(uri) === name);
}

export function historyField(history: CallHistory): HeaderField {
  return headerField('History-Info', history.map(writeNameAddr).join(', '));
}

function entryOf(uri: Uri, index: string): NameAddr {
  return { uri, parameters: [{ name: 'index', value: index }] };
}

const wellFormed = /^\d{1,4}(?:\.\d{1,4}){0,30}$/;

function indexOf({ parameters }: NameAddr): string {
  const index = parameterValue(parameters, 'index') ?? '';
  return wellFormed.test(index) ? index : '1';
}

/** Section 10.3: a level deeper, since this one is passed on. */
const below = (entry: NameAddr) => `${indexOf(entry)}.1`;

/** Section 10.2: the reason stands with the address that did not take the call. */
function withCause(entry: NameAddr, cause: number): NameAddr {
  const { uri } = entry;
  if (uri.kind !== 'sip') return entry;
  const reason = { name: 'Reason', value: `SIP%3Bcause%3D${cause}` };
  return { ...entry, uri: { ...uri, headers: [reason] } };
}
