import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openSealedWitness, sealWitness } from './seal-witness.ts';

const url = 'postgres://anna:geheim@third.example/votes?sslmode=require';

test('a sealed witness shows nothing of its URL, and is opened with the same secret alone', () => {
  const sealed = sealWitness('secret', url);
  assert.doesNotMatch(Buffer.from(sealed.at, 'base64url').toString('latin1'), /anna|geheim|third/);
  assert.equal(openSealedWitness('secret', sealed), url);
  assert.throws(() => openSealedWitness('another', sealed));
});

test('the same URL is the same voter, and another one is another', () => {
  assert.equal(sealWitness('secret', url).voter, sealWitness('secret', url).voter);
  assert.notEqual(sealWitness('secret', url).voter, sealWitness('secret', `${url}&a=b`).voter);
  assert.match(sealWitness('secret', url).voter, /^witness-[0-9a-f]{8}$/);
});
