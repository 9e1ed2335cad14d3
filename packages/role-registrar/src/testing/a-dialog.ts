import assert from 'node:assert/strict';
import {
  fieldsOf,
  firstValue,
  listValues,
  type SipMessage,
  type SipResponse,
} from '@understudy/sip';
import type { PhoneRequest, TestPhone } from './a-phone.ts';
import { realm } from './digest-client.ts';

/** One side of a dialog (RFC 3261, section 12): asks the other by the route that both were told. */
export type TestDialog = {
  readonly callId: string;
  /** Tags of this side and of the other, for Replaces (RFC 3891). */
  readonly tags: readonly [string, string];
  ask(method: string, difference?: PhoneRequest): Promise<SipResponse>;
  tell(method: string, difference?: PhoneRequest): Promise<void>;
};

const field = (message: SipMessage, name: string) => firstValue(message, name) ?? assert.fail(name);
const targetOf = (message: SipMessage) =>
  /<([^>]+)>/.exec(field(message, 'contact'))?.[1] ?? assert.fail('no contact');
const tagOf = (value: string) => /;tag=([^;]+)/.exec(value)?.[1] ?? assert.fail('no tag');

/** The caller's side, from the response that made the dialog (12.1.2). */
export function callersDialog(phone: TestPhone, answer: SipResponse): TestDialog {
  const routes = listValues(answer, 'record-route').toReversed();
  return dialogOf(phone, { message: answer, local: 'from', remote: 'to', routes });
}

/** The callee's side, from the last INVITE that came (12.1.1); phones tag with their name. */
export function calleesDialog(phone: TestPhone, name: string): TestDialog {
  const invite = phone.came.findLast(({ method }) => method === 'INVITE') ?? assert.fail();
  const routes = fieldsOf(invite, 'record-route').map(({ value }) => value);
  const to = `${field(invite, 'to')};tag=${name}`;
  return dialogOf(phone, { message: invite, local: 'to', remote: 'from', routes, localValue: to });
}

type Side = {
  readonly message: SipMessage;
  readonly local: 'from' | 'to';
  readonly remote: 'from' | 'to';
  readonly localValue?: string;
  readonly routes: readonly string[];
};

function dialogOf(phone: TestPhone, side: Side): TestDialog {
  const { message, routes } = side;
  const from = side.localValue ?? field(message, side.local);
  const to = field(message, side.remote);
  const callId = field(message, 'call-id');
  const build = (difference: PhoneRequest = {}): PhoneRequest => ({
    uri: targetOf(message),
    from,
    to,
    callId,
    ...difference,
    headers: [
      ...(routes.length === 0 ? [] : [['Route', routes.join(', ')] as const]),
      ['Contact', `<${phone.contact}>`],
      ...(difference.headers ?? []),
    ],
  });
  return {
    callId,
    tags: [tagOf(from), tagOf(to)],
    ask: (method, difference) => phone.ask(method, build(difference)),
    tell: (method, difference) => phone.tell(method, build(difference)),
  };
}

/** Calls a user of the test's domain; the answer may make a dialog. */
export function call(
  phone: TestPhone,
  name: string,
  { headers = [], ...difference }: PhoneRequest = {},
): Promise<SipResponse> {
  const uri = `sip:${name}@${realm}`;
  return phone.ask('INVITE', {
    uri,
    to: `<${uri}>`,
    ...difference,
    headers: [['Contact', `<${phone.contact}>`], ...headers],
  });
}
