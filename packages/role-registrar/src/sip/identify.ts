import {
  answerForRealm,
  fieldsOf,
  headerField,
  type SipRequest,
  type Source,
  viasOf,
} from '@understudy/sip';
import type { KnownUser } from '../data/known-user.ts';
import type { ServedDataset } from '../limited/served-dataset.ts';
import type { RolePool } from '@understudy/core';
import { notServing } from '../problem.ts';
import { signIn } from '../sign-in/sign-in.ts';
import { SipRefusal } from './sip-refusal.ts';
import type { SipTools } from './sip-tools.ts';

/** Who asks: of a registrar with 401, of a proxy with 407 (RFC 3261, sections 22.2 and 22.3). */
const asking = {
  registrar: { status: 401, challenge: 'WWW-Authenticate', answer: 'authorization' },
  proxy: { status: 407, challenge: 'Proxy-Authenticate', answer: 'proxy-authorization' },
} as const;

export type Identified = {
  readonly request: SipRequest;
  /** The phone. */
  readonly source: Pick<Source, 'address'>;
  readonly pool: RolePool;
  readonly mounted: ServedDataset;
  readonly as: keyof typeof asking;
};

/** The user who proved to send the request. Throws SipRefusal with a challenge, or a Problem. */
export async function identify(asked: Identified, tools: SipTools): Promise<KnownUser> {
  const { request, source, pool, mounted } = asked;
  const { status, challenge, answer: name } = asking[asked.as];
  const { digest } = tools.signIn;
  const [realm = ''] = tools.domains;
  const answer = answerForRealm(
    fieldsOf(request, name).map(({ value }) => value),
    realm,
  );
  const { method, uri: target } = request;
  const algorithms = tools.digestsFor(transportOf(request));
  const found = await signIn(
    { method, target, algorithms, source: source.address, answer, pool, mounted },
    tools.signIn,
  );
  // E12: whatever was read, past the deadline none of it may be said.
  if (!mounted.isLive()) throw notServing('this pool was closed here');
  if (found.kind === 'known') return found.user;
  const challenges = digest.challenges(found.isStale, algorithms);
  throw new SipRefusal(
    status,
    status === 401 ? 'Unauthorized' : 'Proxy Authentication Required',
    challenges.map((value) => headerField(challenge, value)),
  );
}

/**
 * What the phone speaks, whichever servers of ours are between: its own Via is the last. One that
 * names another than it speaks is challenged for what it could be challenged for there.
 */
function transportOf(request: SipRequest): 'tls' | 'udp' {
  return viasOf(request)?.at(-1)?.transport.toUpperCase() === 'TLS' ? 'tls' : 'udp';
}
