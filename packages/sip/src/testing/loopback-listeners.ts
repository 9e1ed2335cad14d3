import type { Listener } from '../transports/transports.ts';
import { testCertificate } from './test-certificate.ts';

/** One listener of each transport, on ports that the system gives. */
export const loopbackListeners: readonly Listener[] = (['udp', 'tcp', 'tls'] as const).map(
  (transport) => ({ transport, address: '127.0.0.1', port: 0, tls: testCertificate }),
);
