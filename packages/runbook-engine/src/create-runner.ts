import type { RunPorts } from './run-ports.ts';
import type { AnyRunbook } from './runbook.ts';
import type { Runner } from './runner-contract.ts';

/** A runner for the runbooks of `catalogue`. Nothing happens before its first method is called. */
export function createRunner(ports: RunPorts, catalogue: readonly AnyRunbook[]): Runner {
  throw new Error(`no runner yet for ${ports.self} and ${catalogue.length} runbooks`);
}
