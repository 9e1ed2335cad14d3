import { systemChance, systemClock } from '@understudy/ports/system';
import {
  buildResponse,
  fieldsOf,
  headerField,
  openProxy,
  type ProxyDecision,
  type ProxyRequest,
  requestUri,
} from '@understudy/sip';
import type { PhoneAddress } from '../phones/create-asking.ts';

/** A server of tests: registers whoever asks, passes on to what is registered, and keeps count. */
export type SipServer = AsyncDisposable & {
  readonly address: PhoneAddress;
  /** Methods that it was asked for, in order. */
  readonly asked: string[];
  /** Contacts by user. */
  readonly registered: Map<string, string>;
  /** Answers everything so from now on; undefined: it serves. */
  answerAll(status: number | undefined, contact?: string): void;
};

/** With `isChallenging`, nobody is served who does not answer a challenge. */
export async function openSipServer(
  store: string,
  { isChallenging = false }: { readonly isChallenging?: boolean } = {},
): Promise<SipServer> {
  const asked: string[] = [];
  const registered = new Map<string, string>();
  let refusal: Extract<ProxyDecision, { kind: 'answer' }> | undefined;
  const decide = ({ request, transaction, isOfOurDialog, routed }: ProxyRequest): ProxyDecision => {
    asked.push(request.method);
    if (refusal !== undefined) return refusal;
    const name = request.method === 'REGISTER' ? 'authorization' : 'proxy-authorization';
    const isProven = isOfOurDialog || fieldsOf(request, name).length > 0;
    if (isChallenging && !isProven) return challengeOf(request.method);
    if (request.method === 'REGISTER') {
      const [contact] = fieldsOf(request, 'contact');
      const user = /sip:([^@>]*)@/.exec(contact?.value ?? '')?.[1] ?? '';
      registered.set(user, /<(.*)>/.exec(contact?.value ?? '')?.[1] ?? '');
      const headers = contact === undefined ? [] : [contact];
      transaction.respond(buildResponse(request, { status: 200, toTag: 'server', headers }));
      return { kind: 'taken' };
    }
    if (isOfOurDialog) return { kind: 'targets', targets: [routed ?? { uri: request.uri }] };
    const uri = requestUri(request);
    const contact = registered.get(uri?.kind === 'sip' ? (uri.user ?? '') : '');
    return { kind: 'targets', targets: contact === undefined ? [] : [{ uri: contact }] };
  };
  const proxy = await openProxy({
    listeners: [{ transport: 'udp', address: '127.0.0.1', port: 0 }],
    clock: systemClock,
    chance: systemChance,
    resolver: nameless,
    secret: 'a secret of tests',
    chooseTargets: async (request) => decide(request),
  });
  const [{ address, port } = { address: '', port: 0 }] = proxy.transports.listening;
  return {
    address: { transport: 'udp', address, port, store },
    asked,
    registered,
    answerAll: (status, contact) => {
      const headers = contact === undefined ? [] : [headerField('Contact', contact)];
      refusal = status === undefined ? undefined : { kind: 'answer', status, headers };
    },
    [Symbol.asyncDispose]: () => proxy[Symbol.asyncDispose](),
  };
}

/** Tests name numbers only. */
const none = async () => ({ records: [], ttlMs: 0 });
const nameless = { naptr: none, srv: none, addresses: none };

function challengeOf(method: string): ProxyDecision {
  const isRegister = method === 'REGISTER';
  const value = 'Digest realm="example.test", qop="auth", algorithm=MD5, nonce="n"';
  const name = isRegister ? 'WWW-Authenticate' : 'Proxy-Authenticate';
  const headers = [headerField(name, value)];
  return { kind: 'answer', status: isRegister ? 401 : 407, headers };
}
