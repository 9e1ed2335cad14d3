import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAuthorization } from './parse-authorization.ts';

const parts: Record<string, string> = {
  username: '"anna"',
  realm: '"example.org"',
  nonce: '"n"',
  uri: '"/v1/me?x=1,2"',
  response: '"ABCDEF"',
  algorithm: 'sha-256',
  qop: 'auth',
  nc: '0000000a',
  cnonce: '"c"',
};
const header = (changed: Record<string, string | undefined> = {}) =>
  `Digest ${Object.entries({ ...parts, ...changed })
    .flatMap(([key, value]) => (value === undefined ? [] : [`${key}=${value}`]))
    .join(', ')}`;

test('a whole answer is read, whatever the case and quoting of its parameters', () => {
  const answer = parseAuthorization(header({ username: '"an\\"na"', NC: undefined }));
  assert.equal(answer?.name, 'an"na');
  assert.equal(answer?.uri, '/v1/me?x=1,2');
  assert.equal(answer?.algorithm, 'SHA-256');
  assert.equal(answer?.response, 'abcdef');
  assert.equal(parseAuthorization(header({ algorithm: undefined }))?.algorithm, 'MD5');
});

test('names beyond ASCII come as UTF-8 or as RFC 8187 has them', () => {
  assert.equal(parseAuthorization(header({ username: '"J\u00e4son"' }))?.name, 'J\u00e4son');
  const extended = header({ username: undefined, 'username*': "UTF-8''J%C3%A4son" });
  assert.equal(parseAuthorization(extended)?.name, 'J\u00e4son');
});

test('what is not a whole Digest answer is none', () => {
  for (const broken of [
    '',
    'Basic YTpi',
    'Digest',
    'Digest username',
    header({ nonce: undefined }),
    header({ qop: 'auth-int' }),
    header({ nc: '1' }),
    header({ algorithm: 'SHA-256-sess' }),
    header({ response: '"x' }),
    `${header()}, nonce="twice"`,
    header({ cnonce: '""' }),
    header({ realm: `"${'x'.repeat(5000)}"` }),
    header({ 'username*': "UTF-8''%ff", username: undefined }),
  ]) {
    assert.equal(parseAuthorization(broken), undefined, broken.slice(0, 80));
  }
});
