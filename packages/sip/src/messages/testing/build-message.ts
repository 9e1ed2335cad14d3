import assert from 'node:assert/strict';
import type { SipMessage, SipRequest, SipResponse } from '../message.ts';
import { parseDatagram } from '../parse/parse-datagram.ts';

/** A message from the lines of its head and its body. */
export function messageOf(lines: readonly string[], body = ''): SipMessage {
  const datagram = parseDatagram(Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`));
  assert.ok(datagram.kind === 'message');
  return datagram.message;
}

const usual = [
  'Via: SIP/2.0/UDP phone.example.com:5060;branch=z9hG4bKa1',
  'Max-Forwards: 70',
  'From: <sip:anna@example.com>;tag=f1',
  'To: <sip:ben@example.com>',
  'Call-ID: c1@phone.example.com',
];

/** A request that is well, with more fields behind the usual ones. */
export function aRequest(method: string, ...more: readonly string[]): SipRequest {
  const start = `${method} sip:ben@example.com SIP/2.0`;
  const message = messageOf([start, ...usual, `CSeq: 7 ${method}`, ...more]);
  assert.ok(message.kind === 'request');
  return message;
}

/** A response to `aRequest('INVITE')` as it comes back. */
export function aResponse(status: number, ...more: readonly string[]): SipResponse {
  const fields = usual.map((line) => (line.startsWith('To:') ? `${line};tag=t1` : line));
  const message = messageOf([`SIP/2.0 ${status} Any`, ...fields, 'CSeq: 7 INVITE', ...more]);
  assert.ok(message.kind === 'response');
  return message;
}
