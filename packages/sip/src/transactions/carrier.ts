import type { Transports } from '../transports/transports.ts';

/** What transactions ask of the transports. */
export type Carrier = Pick<Transports, 'ways' | 'send' | 'respond'>;
