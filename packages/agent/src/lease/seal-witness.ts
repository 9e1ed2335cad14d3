import { createCipheriv, createDecipheriv, createHmac, hkdfSync } from 'node:crypto';
import { type AlternateWitness, asVoter } from '@understudy/core';

// A membership is shown to whoever asks for status, and the URL of a witness holds a password. So
// it is sealed with the deployment's secret, which every agent has (AES-256-GCM, NIST SP 800-38D).
// The nonce is made of the text: one URL is sealed to one text, and no two share a nonce.

const cipher = 'aes-256-gcm';
const nonceBytes = 12;
const tagBytes = 16;

/** Names the witness at `url`: the same URL is the same voter. */
export function sealWitness(secret: string, url: string): AlternateWitness {
  const hash = createHmac('sha256', keyOf(secret)).update(url).digest();
  const nonce = hash.subarray(0, nonceBytes);
  const sealing = createCipheriv(cipher, keyOf(secret), nonce);
  const text = Buffer.concat([sealing.update(url, 'utf8'), sealing.final()]);
  const at = Buffer.concat([nonce, sealing.getAuthTag(), text]).toString('base64url');
  return { voter: asVoter(`witness-${hash.toString('hex').slice(-8)}`), at };
}

/** The URL of a sealed witness. Throws where it was not sealed with this secret. */
export function openSealedWitness(secret: string, { at }: Pick<AlternateWitness, 'at'>): string {
  const sealed = Buffer.from(at, 'base64url');
  const opening = createDecipheriv(cipher, keyOf(secret), sealed.subarray(0, nonceBytes));
  opening.setAuthTag(sealed.subarray(nonceBytes, nonceBytes + tagBytes));
  const text = sealed.subarray(nonceBytes + tagBytes);
  return Buffer.concat([opening.update(text), opening.final()]).toString('utf8');
}

function keyOf(secret: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, '', 'understudy witness', 32));
}
