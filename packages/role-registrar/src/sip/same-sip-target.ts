import { parseUri, unescapeUri } from '@understudy/sip';

/**
 * Whether the URI that a digest signed stands for the Request-URI: proxies may change parameters
 * and port on the way (RFC 3261, section 22.4), but neither user nor host.
 */
export function isSameSipTarget(signed: string, asked: string): boolean {
  if (signed === asked) return true;
  const [left, right] = [parseUri(signed), parseUri(asked)];
  if (left?.kind !== 'sip' || right?.kind !== 'sip') return false;
  const isSameHost = left.host.toLowerCase() === right.host.toLowerCase();
  return isSameHost && unescapeUri(left.user ?? '') === unescapeUri(right.user ?? '');
}
