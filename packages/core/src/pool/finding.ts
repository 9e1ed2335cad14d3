import type { Finding } from '../run/run-request.ts';

/** A finding that stops the plan. */
export function refusal(code: string, why: string): Finding {
  return { severity: 'refusal', code, why };
}

/** A finding that is printed with the plan. */
export function warning(code: string, why: string): Finding {
  return { severity: 'warning', code, why };
}
