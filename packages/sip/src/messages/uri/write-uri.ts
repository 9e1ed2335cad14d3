import { writeHostPort } from '../grammar/read-host.ts';
import { writeParameters } from '../grammar/read-parameters.ts';
import type { SipUri, Uri } from './uri.ts';

/** A URI as it stands in a Request-URI or between angle brackets. */
export function writeUri(uri: Uri): string {
  switch (uri.kind) {
    case 'sip':
      return writeSipUri(uri);
    case 'tel':
      return `tel:${uri.number}${writeParameters(uri.parameters)}`;
    case 'other':
      return `${uri.scheme}:${uri.opaque}`;
  }
}

function writeSipUri(uri: SipUri): string {
  const headers = uri.headers.map(({ name, value }) => `${name}=${value}`).join('&');
  return [
    `${uri.scheme}:${writeUserinfo(uri)}${writeHostPort(uri)}`,
    writeParameters(uri.parameters),
    headers === '' ? '' : `?${headers}`,
  ].join('');
}

function writeUserinfo({ user, password }: SipUri): string {
  if (user === undefined) {
    return '';
  }
  return password === undefined ? `${user}@` : `${user}:${password}@`;
}
