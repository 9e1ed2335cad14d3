import { readNumber } from '../grammar/read-number.ts';
import type { HeaderField } from '../header-field.ts';

/** What the Content-Length fields of a head say (RFC 3261, section 20.14). */
export type ContentLength =
  | { readonly kind: 'given'; readonly bytes: number }
  | { readonly kind: 'absent' }
  | { readonly kind: 'bad'; readonly why: string };

/**
 * Reads the length of a body. Several fields are bad even when they agree: who reads the first and
 * who reads the last must never see two different messages.
 */
export function readContentLength(headers: readonly HeaderField[]): ContentLength {
  const [field, ...others] = headers.filter(({ key }) => key === 'content-length');
  if (field === undefined) {
    return { kind: 'absent' };
  }
  if (others.length > 0) {
    return { kind: 'bad', why: 'There is more than one Content-Length' };
  }
  const bytes = readNumber(field.value, Number.MAX_SAFE_INTEGER);
  return bytes === undefined
    ? { kind: 'bad', why: 'The Content-Length is no number' }
    : { kind: 'given', bytes };
}
