import { buildRequest } from '../messages/compose/build-request.ts';
import { headerField } from '../messages/header-field.ts';
import type { SipRequest } from '../messages/message.ts';

/** What a test's request differs in from the plainest one. */
export type RequestDifference = {
  readonly method?: string;
  readonly uri?: string;
  readonly branch?: string;
  /** The top Via, whole. */
  readonly via?: string;
  readonly callId?: string;
  readonly sequence?: number;
  readonly fromTag?: string;
  readonly toTag?: string;
  /** More fields, as name and value. */
  readonly headers?: readonly (readonly [string, string])[];
  readonly body?: string;
};

let branches = 0;

/** A request as a phone would send it, with a branch of its own. */
export function aRequest(difference: RequestDifference = {}): SipRequest {
  branches += 1;
  const { method = 'MESSAGE', uri = 'sip:ben@west.test', sequence = 1, body = '' } = difference;
  const { branch = `z9hG4bKtest${branches}`, callId = `call${branches}`, toTag } = difference;
  const { via = `SIP/2.0/UDP phone.invalid;branch=${branch};rport`, fromTag = 'a1' } = difference;
  const to = `<sip:ben@west.test>${toTag === undefined ? '' : `;tag=${toTag}`}`;
  return buildRequest({
    method,
    uri,
    headers: [
      headerField('Via', via),
      headerField('Max-Forwards', '70'),
      headerField('From', `<sip:anna@east.test>;tag=${fromTag}`),
      headerField('To', to),
      headerField('Call-ID', callId),
      headerField('CSeq', `${sequence} ${method}`),
      ...(difference.headers ?? []).map(([name, value]) => headerField(name, value)),
    ],
    body: Buffer.from(body),
  });
}
