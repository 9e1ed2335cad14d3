import { type SipUri, type Uri, unescapeUri } from '@understudy/sip';
import type { SipTools } from './sip-tools.ts';

type Places = Pick<SipTools, 'domains' | 'ownHosts'>;

/** Whether a URI is of our domain, by its name or by an address of this server. */
export function isOurs(uri: SipUri, { domains, ownHosts }: Places): boolean {
  const host = uri.host.toLowerCase();
  return [...domains, ...ownHosts].some((each) => each.toLowerCase() === host);
}

/** The name of the user of ours that a URI is about; undefined when it is about none. */
export function ownUser(uri: Uri | undefined, places: Places): string | undefined {
  if (uri?.kind !== 'sip' || uri.user === undefined || !isOurs(uri, places)) return undefined;
  return unescapeUri(uri.user);
}
