import { isToken } from '../grammar/characters.ts';
import { readNumber } from '../grammar/read-number.ts';
import { type Fault, sipVersion, type SipRequest, type SipResponse } from '../message.ts';

/** The first line of a message, and what is wrong with it. */
export type StartLine = (
  | Pick<SipRequest, 'kind' | 'version' | 'method' | 'uri'>
  | Pick<SipResponse, 'kind' | 'version' | 'status' | 'reason'>
) & { readonly faults: readonly Fault[] };

/**
 * A start line (RFC 3261, section 7), as far as it can be told: also one that must be refused,
 * since the answer needs only the fields. Undefined when there is not even a first word.
 */
export function readStartLine(line: string): StartLine | undefined {
  if (line.slice(0, 4).toUpperCase() === 'SIP/') {
    return readStatusLine(line);
  }
  return line.trim() === '' ? undefined : readRequestLine(line);
}

/** `Method SP Request-URI SP SIP-Version`, one space each (section 7.1). */
function readRequestLine(line: string): StartLine {
  const first = line.indexOf(' ');
  const last = line.lastIndexOf(' ');
  const method = first < 0 ? line : line.slice(0, first);
  const version = first < last ? line.slice(last + 1) : '';
  const uri = first < last ? line.slice(first + 1, last) : line.slice(method.length).trim();
  const why = whyNoRequestLine({ method, uri, version });
  return { kind: 'request', version, method, uri, faults: faultsOf(why) };
}

function whyNoRequestLine(
  line: Pick<SipRequest, 'method' | 'uri' | 'version'>,
): string | undefined {
  if (!isToken(line.method)) {
    return 'The method is no token';
  }
  if (!isVersion(line.version)) {
    return 'The request line does not end with the version';
  }
  return /[ \t]/.test(line.uri) ? 'The request line has white space too much' : undefined;
}

/** `SIP-Version SP Status-Code SP Reason-Phrase`; the phrase may be empty (section 7.2). */
function readStatusLine(line: string): StartLine {
  const [version = '', code = ''] = line.split(' ', 2);
  const reason = line.slice(version.length + code.length + 2);
  const status = readStatus(code);
  const why = status === 0 ? 'The status code is not three digits, 100 to 699' : undefined;
  return { kind: 'response', version, status, reason, faults: faultsOf(why) };
}

const statusMin = 100;
const statusMax = 699;

function readStatus(code: string): number {
  const status = code.length === 3 ? (readNumber(code, statusMax) ?? 0) : 0;
  return status < statusMin ? 0 : status;
}

function faultsOf(why: string | undefined): readonly Fault[] {
  return why === undefined ? [] : [{ where: 'startLine', why, status: 400 }];
}

/** `SIP/` and a number with a point, whichever (RFC 4475, section 3.1.2.16: another is 505). */
function isVersion(text: string): boolean {
  return /^SIP\/\d+\.\d+$/i.test(text);
}

/** Whether a version is the one that we speak; compared without case (section 7.1). */
export function isOurVersion(version: string): boolean {
  return version.toUpperCase() === sipVersion;
}
