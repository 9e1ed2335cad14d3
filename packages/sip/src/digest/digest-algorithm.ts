/** The algorithms of RFC 7616, as RFC 8760 brings them to SIP. */
export type DigestAlgorithm = 'MD5' | 'SHA-256' | 'SHA-512-256';

/**
 * The order of a challenge unless a setting says otherwise. RFC 8760, section 2.3, wants the
 * strongest first; many phones look at the first challenge alone and know nothing but MD5.
 */
export const digestAlgorithmsForPhones: readonly DigestAlgorithm[] = ['MD5', 'SHA-256'];

const known: readonly DigestAlgorithm[] = ['MD5', 'SHA-256', 'SHA-512-256'];

/** Absent means MD5 (RFC 7616, section 3.3). The -sess variants are not offered. */
export function digestAlgorithmOf(given: string | undefined): DigestAlgorithm | undefined {
  if (given === undefined) return 'MD5';
  return known.find((each) => each === given.toUpperCase());
}
