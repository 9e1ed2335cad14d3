import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestHash, digestResponse, ha1Of } from './digest-response.ts';

test('the examples of RFC 7616, section 3.9.1', () => {
  const mufasa = { name: 'Mufasa', realm: 'http-auth@example.org', password: 'Circle of Life' };
  const common = {
    method: 'GET',
    uri: '/dir/index.html',
    nonce: '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v',
    nc: '00000001',
    cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
  };
  const respond = (algorithm: 'MD5' | 'SHA-256') =>
    digestResponse({ ...common, algorithm, ha1: ha1Of(algorithm, mufasa) });
  assert.equal(respond('MD5'), '8ca523f5e9506fed4657c9700eebdbec');
  assert.equal(
    respond('SHA-256'),
    '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1',
  );
});

test('the example of RFC 7616, section 3.9.2, as erratum 4897 corrects it', () => {
  const name = 'J\u00e4s\u00f8n Doe';
  const realm = 'api@example.org';
  const ha1 = ha1Of('SHA-512-256', { name, realm, password: 'Secret, or not?' });
  assert.equal(
    digestHash('SHA-512-256', `${name}:${realm}`),
    '793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b',
  );
  const response = digestResponse({
    algorithm: 'SHA-512-256',
    ha1,
    method: 'GET',
    uri: '/doe.json',
    nonce: '5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK',
    nc: '00000001',
    cnonce: 'NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v',
  });
  assert.equal(response, '3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5');
});

test('SHA-512/256 begins with values of its own (FIPS 180-4)', () => {
  assert.equal(
    digestHash('SHA-512-256', 'abc'),
    '53048e2681941ef99b2e29b76b4c7dabe4c2d0c634fc6d46e0e2f13107e7af23',
  );
});
