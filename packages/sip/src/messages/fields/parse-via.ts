import { tokenCharacters } from '../grammar/characters.ts';
import { type Cursor, cursorOn, skipSpace, takeAll, takeSeparator } from '../grammar/cursor.ts';
import { type HostPort, readHostPort, writeHostPort } from '../grammar/read-host.ts';
import { readParameters, writeParameters } from '../grammar/read-parameters.ts';
import { type Parameters, parameterValue } from '../parameters.ts';
import type { Via } from './via.ts';

/** One value of a Via header field (RFC 3261, section 20.42); undefined when it is malformed. */
export function parseVia(text: string): Via | undefined {
  const cursor = cursorOn(text.trim());
  const sentProtocol = readSentProtocol(cursor);
  skipSpace(cursor);
  const sentBy = sentProtocol && readHostPort(cursor);
  const parameters = sentBy && readParameters(cursor);
  return parameters && viaOf(sentProtocol, sentBy, parameters);
}

/** Written out rather than spread, which is several times as fast. */
function viaOf(sent: SentProtocol, { host, port }: HostPort, parameters: Parameters): Via {
  const { protocol, version, transport } = sent;
  return port === undefined
    ? { protocol, version, transport, host, parameters }
    : { protocol, version, transport, host, port, parameters };
}

type SentProtocol = Pick<Via, 'protocol' | 'version' | 'transport'>;

/** `protocol-name SLASH protocol-version SLASH transport`, with white space around the slashes. */
function readSentProtocol(cursor: Cursor): SentProtocol | undefined {
  const protocol = takeAll(cursor, tokenCharacters);
  const hasVersion = takeSeparator(cursor, '/');
  const version = takeAll(cursor, tokenCharacters);
  const hasTransport = takeSeparator(cursor, '/');
  const transport = takeAll(cursor, tokenCharacters).toUpperCase();
  const isWhole = hasVersion && hasTransport && protocol !== '' && version !== '';
  return isWhole && transport !== '' ? { protocol, version, transport } : undefined;
}

/** The value as it is sent. */
export function writeVia(via: Via): string {
  const { protocol, version, transport, parameters } = via;
  const sentBy = writeHostPort(via);
  return `${protocol}/${version}/${transport} ${sentBy}${writeParameters(parameters)}`;
}

/** What every branch begins with that is unique across space and time (section 8.1.1.7). */
export const branchCookie = 'z9hG4bK';

/**
 * The branch by which a transaction may be found; undefined for an RFC 2543 element, which has
 * none, and for one that sends the cookie and nothing behind it (RFC 4475, section 3.2.1).
 */
export function uniqueBranch(via: Via): string | undefined {
  const branch = parameterValue(via.parameters, 'branch') ?? '';
  // The cookie is compared without case, as all tokens are that are not said to be otherwise.
  const hasCookie = branch.slice(0, branchCookie.length).toLowerCase() === cookieInLowerCase;
  return hasCookie && branch.length > branchCookie.length ? branch : undefined;
}

const cookieInLowerCase = branchCookie.toLowerCase();
