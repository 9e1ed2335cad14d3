import { join } from 'node:path';
import { mkdir } from 'node:fs/promises';
import { bounds } from './bounds.ts';
import { ForeignProcess } from './foreign-process.ts';

export const openssl = '/usr/bin/openssl';

/**
 * Writes `cert.pem` and `key.pem` to the folder, for the address 127.0.0.1. linphone's mbedTLS
 * looks for an address among the DNS names of a certificate only.
 */
export async function makeCertificate(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const certificate = join(folder, 'cert.pem');
  // biome-ignore format: an option and its value belong on one line.
  const words = [
    'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-sha256',
    '-nodes', '-days', '2', '-keyout', join(folder, 'key.pem'), '-out', certificate,
    '-subj', '/CN=understudy-test', '-addext', 'subjectAltName=DNS:127.0.0.1,IP:127.0.0.1',
  ];
  const log = 'openssl.log';
  await using run = await ForeignProcess.start({ program: openssl, words, folder, log });
  if ((await run.ended(bounds.commandMs)) === 0) return certificate;
  throw new Error(`no certificate was made: ${await run.said()}`);
}
