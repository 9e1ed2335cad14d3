import type { Chance, Clock } from '@understudy/ports';
import type { FailedDestinations } from '../location/failed-destinations.ts';
import type { ProxyAbilities } from '../messages/validate/check-for-proxy.ts';
import type { TimerSettings } from '../transactions/timers.ts';
import type { TransactionLimits } from '../transactions/transaction-layer.ts';
import type { FlowTokens } from '../transports/flow-token.ts';
import type { Transports } from '../transports/transports.ts';
import type { Locate } from './make-copy.ts';
import type { OwnAddresses } from './own-addresses.ts';
import type { ProxyDecision, ProxyLimits, ProxyRequest } from './proxy-target.ts';

export type ProxyCoreOptions = {
  readonly clock: Clock;
  readonly chance: Chance;
  readonly carrier: Pick<Transports, 'ways' | 'send' | 'respond' | 'hasFlow'>;
  readonly own: OwnAddresses;
  readonly flowTokens: FlowTokens;
  /** Where a URI leads (RFC 3263); empty when nothing is to be found. */
  readonly locate: Locate;
  /** What failed a moment ago is tried last. */
  readonly failed?: FailedDestinations;
  /** Decides what becomes of each request but ACK and CANCEL. A rejection is answered 500. */
  readonly chooseTargets: (request: ProxyRequest) => Promise<ProxyDecision>;
  readonly abilities: ProxyAbilities;
  readonly limits: ProxyLimits;
  readonly timers?: TimerSettings;
  readonly transactionLimits?: TransactionLimits;
  /** Told of what is not acted on and of what goes wrong, in words for the log. */
  readonly onTrouble?: (why: string) => void;
};
