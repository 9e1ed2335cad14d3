import { isToken } from './grammar/characters.ts';
import { headerKey } from './header-names.ts';

/** One header field line of a message (RFC 3261, section 7.3.1). */
export type HeaderField = {
  /** As written by its sender: `Via`, `v` and `VIA` are kept apart for whoever passes them on. */
  readonly name: string;
  /** The long name in lower case, the same for every spelling: what fields are found by. */
  readonly key: string;
  /**
   * Verbatim, without the white space around it, and on one line: folding is one space
   * (section 7.3.1).
   */
  readonly value: string;
  /**
   * Set when the value was not UTF-8: each character then stands for one octet, and it is written
   * so again.
   */
  readonly encoding?: 'latin1';
};

/**
 * A header field of our own making. Throws `SipBuildError` on a name that is no token, and on a
 * value that would end the line: header injection stops here and in the writer.
 */
export function headerField(name: string, value: string): HeaderField {
  refuseControls(name, value);
  return { name, key: headerKey(name), value };
}

/** Thrown when this side tries to build what must not be sent: a mistake of ours, or an attack. */
export class SipBuildError extends Error {
  override readonly name = 'SipBuildError';
}

function refuseControls(name: string, value: string): void {
  if (!isToken(name)) {
    const shown = JSON.stringify(name.slice(0, 40));
    throw new SipBuildError(`sip header: ${shown} is no header name; use a token`);
  }
  if (!isSafeLine(value)) {
    throw new SipBuildError(
      `sip header ${name}: the value holds a CR or LF and would end its line; remove it`,
    );
  }
}

/** Whether a text can stand on one line: no CR or LF. NUL may stand in a quoted-pair (25.1). */
export function isSafeLine(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 13 || code === 10) {
      return false;
    }
  }
  return true;
}
