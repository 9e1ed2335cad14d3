import { parseUri, type SipUri, type Uri } from '@understudy/sip';
import { ownUser } from '../sip/own-user.ts';

/**
 * The name in `sip:NAME@DOMAIN` of a domain of ours; undefined for anything else. Nothing but the
 * name may stand there: a port or a parameter would lead past the user's phones.
 */
export function readOwnAddress(text: string, domains: readonly string[]): string | undefined {
  const uri = parseUri(text);
  if (uri?.kind !== 'sip' || !isPlain(uri)) return undefined;
  return nameOf(uri, domains);
}

function isPlain({ scheme, password, port, parameters, headers }: SipUri): boolean {
  const isBare = password === undefined && port === undefined;
  return scheme === 'sip' && isBare && parameters.length === 0 && headers.length === 0;
}

/** Servers' own addresses are left out: after a failover they are another's, or nobody's. */
function nameOf(uri: Uri, domains: readonly string[]): string | undefined {
  return ownUser(uri, { domains, ownPlaces: () => [] });
}
