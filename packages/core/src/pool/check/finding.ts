import type { Finding } from '../../run/run-request.ts';
import type { RefusalFindingCode, WarningFindingCode } from './finding-codes.ts';

/** A finding that stops the plan. */
export function refusal(code: RefusalFindingCode, why: string): Finding {
  return { severity: 'refusal', code, why };
}

/** A finding that is printed with the plan. */
export function warning(code: WarningFindingCode, why: string): Finding {
  return { severity: 'warning', code, why };
}
