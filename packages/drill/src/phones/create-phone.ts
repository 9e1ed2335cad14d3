import { writeUri } from '@understudy/sip';
import { bounds } from '../bounds.ts';
import type { DrillUser } from '../users/drill-user.ts';
import { newId } from '../users/new-id.ts';
import { type Asking, type AskingOptions, contactListOf, createAsking } from './create-asking.ts';
import { createEar, type Heard } from './create-ear.ts';
import { buildPhoneRequest, dialogOf } from './phone-requests.ts';

export type PhoneOptions = AskingOptions & {
  /** What stands behind the @ of users. */
  readonly domain: string;
};

/** A user's phone: knows both addresses of its pool, and takes whatever comes. */
export type Phone = {
  readonly user: DrillUser;
  readonly heard: Heard;
  /** Whether it has ever signed in. */
  isSignedIn(): boolean;
  /** REGISTER; true when the answer lists this phone among those that its user can be called at. */
  signIn(): Promise<boolean>;
  /** MESSAGE; undefined when nobody served it. */
  write(to: string, body: string): Promise<Answered | undefined>;
  /** INVITE, ACK and BYE; true when the other phone took part in all of them. */
  call(other: Phone): Promise<boolean>;
};
export type Answered = { readonly status: number; readonly store: string };

type Own = PhoneOptions & {
  readonly ask: Asking;
  readonly contact: string;
  readonly from: string;
};

export function createPhone(options: PhoneOptions): Phone {
  const { line, user, domain } = options;
  const contact = line.contactOf(user.name);
  const { ear, heard } = createEar(contact, user.name);
  line.connect(user.name, ear);
  const from = `<sip:${user.name}@${domain}>;tag=${user.name}`;
  const own: Own = { ...options, ask: createAsking(options), contact, from };
  const register = createRegister(own);
  let isSignedIn = false;
  return {
    user,
    heard,
    isSignedIn: () => isSignedIn,
    signIn: async () => {
      const isDone = await register();
      isSignedIn ||= isDone;
      return isDone;
    },
    write: async (to, body) => await write(own, to, body),
    call: async (other) => await call(own, other),
  };
}

/** All of one phone have one Call-ID, and numbers that grow (RFC 3261, section 10.2). */
function createRegister({ ask, contact, from, user, domain }: Own): () => Promise<boolean> {
  const nextSequence = createCount();
  const asked = {
    method: 'REGISTER',
    uri: `sip:${domain}`,
    from,
    to: `<sip:${user.name}@${domain}>`,
    callId: newId(),
    fields: [
      ['Contact', `<${contact}>`],
      ['Expires', `${bounds.registrationMs / 1000}`],
    ],
  } as const;
  return async () => {
    const told = await ask(asked, nextSequence);
    if (told?.response.status !== 200) return false;
    return contactListOf(told.response).some(({ uri }) => writeUri(uri) === contact);
  };
}

async function write({ ask, from, domain }: Own, name: string, body: string) {
  const uri = `sip:${name}@${domain}`;
  const fields = [['Content-Type', 'text/plain']] as const;
  const asked = { method: 'MESSAGE', uri, from, to: `<${uri}>`, callId: newId(), fields, body };
  const told = await ask(asked, createCount());
  return told && { status: told.response.status, store: told.place.store };
}

async function call({ ask, from, domain, contact, line }: Own, other: Phone): Promise<boolean> {
  const uri = `sip:${other.user.name}@${domain}`;
  const callId = newId();
  const fields = [['Contact', `<${contact}>`]] as const;
  let sequence = 0;
  const nextSequence = () => (sequence += 1);
  const asked = { method: 'INVITE', uri, from, to: `<${uri}>`, callId, fields };
  const told = await ask(asked, nextSequence);
  const dialog = told?.response.status === 200 ? dialogOf(told.response) : undefined;
  if (dialog === undefined) return false;
  const { hop, routes, to } = dialog;
  const within = { uri: dialog.uri, from, to, callId, fields: routes };
  // RFC 3261, section 13.2.2.4: the ACK has the number of its INVITE.
  line.tell(buildPhoneRequest({ ...within, method: 'ACK', sequence }), hop);
  const bye = buildPhoneRequest({ ...within, method: 'BYE', sequence: nextSequence() });
  const ended = await line.ask(bye, hop);
  return ended?.status === 200 && other.heard.call(callId);
}

function createCount(): () => number {
  let count = 0;
  return () => (count += 1);
}
