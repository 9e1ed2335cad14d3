import { isSafeLine, SipBuildError, type HeaderField } from '../header-field.ts';
import type { SipMessage } from '../message.ts';

/**
 * The octets of a message. Its Content-Length is always the true one, in octets: one that already
 * stands there and is right stays as it was written. Throws `SipBuildError` when a part would break
 * out of its line.
 */
export function writeMessage(message: SipMessage): Buffer {
  const headers = withContentLength(message);
  const lines = [startLineOf(message), ...headers.map(lineOfField)];
  for (const line of lines) {
    refuseLineEnd(line);
  }
  const head = headers.some(({ encoding }) => encoding === 'latin1')
    ? encodeEach(lines, headers)
    : Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'utf8');
  return message.body.length === 0 ? head : Buffer.concat([head, message.body]);
}

function startLineOf(message: SipMessage): string {
  return message.kind === 'request'
    ? `${message.method} ${message.uri} ${message.version}`
    : `${message.version} ${message.status} ${message.reason}`;
}

function lineOfField({ name, value }: HeaderField): string {
  return `${name}: ${value}`;
}

function refuseLineEnd(line: string): void {
  if (!isSafeLine(line)) {
    const where = JSON.stringify(line.slice(0, 40));
    throw new SipBuildError(`sip write: the line ${where} holds a CR or LF; remove it`);
  }
}

/** The fields with exactly one Content-Length, which is right. */
function withContentLength({ headers, body }: SipMessage): readonly HeaderField[] {
  const at = headers.findIndex(({ key }) => key === 'content-length');
  const length = `${body.length}`;
  const field = headers[at];
  if (field === undefined) {
    return [...headers, { name: 'Content-Length', key: 'content-length', value: length }];
  }
  const others = headers.filter((each, index) => index === at || each.key !== field.key);
  return Number(field.value) === body.length
    ? others
    : others.with(at, { ...field, value: length });
}

/** A head in which some values are not UTF-8: those go out octet by octet as they came in. */
function encodeEach(lines: readonly string[], headers: readonly HeaderField[]): Buffer {
  const pieces = lines.map((line, index) =>
    Buffer.from(`${line}\r\n`, headers[index - 1]?.encoding ?? 'utf8'),
  );
  return Buffer.concat([...pieces, Buffer.from('\r\n')]);
}
