import { join } from 'node:path';
import { mkdir } from 'node:fs/promises';
import { bounds } from './bounds.ts';
import { ForeignProcess } from './foreign-process.ts';

export const openssl = '/usr/bin/openssl';

/**
 * Writes `cert.pem` and `key.pem` to the folder, for these addresses. linphone's mbedTLS looks for
 * an address among the DNS names of a certificate only.
 */
export async function makeCertificate(
  folder: string,
  addresses: readonly string[] = ['127.0.0.1'],
): Promise<string> {
  await mkdir(folder, { recursive: true });
  const certificate = join(folder, 'cert.pem');
  const names = addresses.map((address) => `DNS:${address},IP:${address}`).join();
  // biome-ignore format: an option and its value belong on one line.
  const words = [
    'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-sha256',
    '-nodes', '-days', '2', '-keyout', join(folder, 'key.pem'), '-out', certificate,
    '-subj', '/CN=understudy-test', '-addext', `subjectAltName=${names}`,
  ];
  const log = 'openssl.log';
  await using run = await ForeignProcess.start({ program: openssl, words, folder, log });
  if ((await run.ended(bounds.commandMs)) === 0) return certificate;
  throw new Error(`no certificate was made: ${await run.said()}`);
}
