import { type SipUri, type Uri, unescapeUri } from '@understudy/sip';
import type { SipTools } from './sip-tools.ts';

type Places = Pick<SipTools, 'domains' | 'ownPlaces'>;

/**
 * Whether a URI is of our domain, by its name or by an address of this server. Another port of that
 * address is somebody else's: a phone on the same machine, or behind the same NAT.
 */
export function isOurs(uri: SipUri, { domains, ownPlaces }: Places): boolean {
  const host = uri.host.toLowerCase();
  if (domains.some((each) => each.toLowerCase() === host)) return true;
  return ownPlaces().some(
    (own) => own.host.toLowerCase() === host && own.port === (uri.port ?? own.port),
  );
}

/** The name of the user of ours that a URI is about; undefined when it is about none. */
export function ownUser(uri: Uri | undefined, places: Places): string | undefined {
  if (uri?.kind !== 'sip' || uri.user === undefined || !isOurs(uri, places)) return undefined;
  return unescapeUri(uri.user);
}
