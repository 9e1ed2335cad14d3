import {
  contactQ,
  contactsOf,
  type Destination,
  fieldsOf,
  type NameAddr,
  type SipResponse,
} from '@understudy/sip';
import { createAddressTurns, type Reply } from '../users/address-turns.ts';
import { createDigestLogin } from '../users/digest-login.ts';
import type { DrillUser } from '../users/drill-user.ts';
import type { PhoneLine } from './open-phone-line.ts';
import { buildPhoneRequest, type PhoneRequest } from './phone-requests.ts';

/** Where phones reach a server, and the store that it writes to. */
export type PhoneAddress = Destination & { readonly store: string };

export type Told = { readonly response: SipResponse; readonly place: PhoneAddress };

/** Asks outside of a dialog; undefined when neither address served it. */
export type Asking = (
  asked: Omit<PhoneRequest, 'sequence'>,
  nextSequence: () => number,
) => Promise<Told | undefined>;

export type AskingOptions = {
  readonly line: PhoneLine;
  readonly user: DrillUser;
  /** Home first. */
  readonly addresses: readonly PhoneAddress[];
};

/**
 * Asks the server that served last; the other one at once after a refusal or silence. Follows a
 * 302, and answers challenges of registrars and proxies (RFC 3261, section 22).
 */
export function createAsking({ line, user, addresses }: AskingOptions): Asking {
  const turns = createAddressTurns(addresses);
  const login = createDigestLogin(user, 'MD5');

  function replyOf(
    response: SipResponse | undefined,
    place: PhoneAddress,
  ): Reply<PhoneAddress, Told> {
    if (response === undefined) return { kind: 'refused' };
    const { status } = response;
    if (status === 302) return sentToBest(response);
    const isAsked = status === 401 || status === 407;
    if (isAsked && login.learn(challengesOf(response))) return { kind: 'again' };
    // Says nothing about the user: the other address may know better.
    if (status >= 500 && status < 600) return { kind: 'refused' };
    return { kind: 'served', served: { response, place } };
  }

  return async (asked, nextSequence) =>
    await turns(async (place) => {
      const { method, uri, fields = [] } = asked;
      const header = method === 'REGISTER' ? 'Authorization' : 'Proxy-Authorization';
      const answer = login.answer(method, uri);
      const proof = answer === undefined ? [] : [[header, answer] as const];
      const sequence = nextSequence();
      const request = buildPhoneRequest({ ...asked, sequence, fields: [...fields, ...proof] });
      return replyOf(await line.ask(request, place), place);
    });
}

function challengesOf(response: SipResponse): readonly string[] {
  return ['www-authenticate', 'proxy-authenticate'].flatMap((name) =>
    fieldsOf(response, name).map(({ value }) => value),
  );
}

export function contactListOf(response: SipResponse): readonly NameAddr[] {
  const found = contactsOf(response);
  return found?.kind === 'list' ? found.contacts : [];
}

/** RFC 3261, section 8.1.3.4: to the contact that is liked best. */
function sentToBest(response: SipResponse): Reply<PhoneAddress, Told> {
  const contacts = contactListOf(response);
  const [best] = contacts.toSorted((one, other) => (contactQ(other) ?? 0) - (contactQ(one) ?? 0));
  const uri = best?.uri;
  return {
    kind: 'sentTo',
    isThere: ({ address, port }) =>
      uri?.kind === 'sip' && uri.host === address && uri.port === port,
  };
}
