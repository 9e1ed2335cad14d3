import type { MessageAccounting } from '../check/account-for-messages.ts';
import type { Accounting } from '../check/account-for-writes.ts';
import type { KeptWrite } from '../check/write-ledger.ts';
import type { DrillDeployment } from '../deployment/drill-deployment.ts';
import type { PerformedStep } from '../report/drill-result.ts';
import type { Traffic } from '../users/start-traffic.ts';

/** What all scenarios of one drill share. */
export type DrillContext = {
  readonly deployment: DrillDeployment;
  readonly traffic: Traffic;
  readonly accounting: Accounting & MessageAccounting;
  /** A line of the story of what is done. */
  readonly tell: (line: string) => void;
  readonly signal: AbortSignal;
};

/** What a scenario did to the deployment. */
export type Acted = {
  readonly steps: readonly PerformedStep[];
  readonly allowance?: { readonly quotedWrites: number; readonly acknowledgedSince: number };
  readonly commandMs?: number;
  /** Acknowledged writes that were missing in the middle of it. */
  readonly lacking?: readonly KeptWrite[];
};
