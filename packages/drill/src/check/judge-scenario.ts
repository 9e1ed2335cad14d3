// What a verdict is made of (decisions/0021): accounting, one writer at every instant, full service
// restored, and after a forced failover no more lost than was quoted. Never a time.

export type Evidence = {
  /** How the command ended; undefined when it did what it should. */
  readonly failure?: string;
  readonly contradictions: readonly string[];
  /** Acknowledged writes that the serving copies lack and that were not known to be lost before. */
  readonly lostWrites: number;
  /** Missing in the middle of it, where it ends with the dead site's return. */
  readonly lackedWrites: number;
  /** Lost before, and served now that what had them was salvaged. */
  readonly mergedWrites: number;
  /** Lost, and listed in a ledger as conflicts since the scenario before. */
  readonly conflictedWrites: number;
  /** Lost, and neither in a ledger nor set aside, now that all stores are there. */
  readonly nowhere: number;
  /** Messages that were acknowledged, and neither reached their phone nor wait for it. */
  readonly undelivered: number;
  /** Acknowledged in limited mode, and lost since or made in another order. */
  readonly unapplied: number;
  /** Set where a loss was quoted and accepted. */
  readonly allowance?: { readonly quotedWrites: number; readonly acknowledgedSince: number };
  /** Probes that have not succeeded again, and copies that did not verify, in words. */
  readonly notRestored: readonly string[];
};

export type Verdict = 'pass' | 'fail';
export type Judgement = { readonly verdict: Verdict; readonly findings: readonly string[] };

/** The verdict with everything that speaks against `pass`. */
export function judgeScenario(evidence: Evidence): Judgement {
  const findings = [
    ...(evidence.failure === undefined ? [] : [evidence.failure]),
    ...judgeLoss(evidence),
    ...evidence.contradictions,
    ...evidence.notRestored,
  ];
  return { verdict: findings.length === 0 ? 'pass' : 'fail', findings };
}

function judgeLoss(evidence: Evidence): readonly string[] {
  const { lostWrites, lackedWrites, nowhere, undelivered, unapplied, allowance } = evidence;
  const findings: string[] = [];
  if (allowance === undefined && lostWrites > 0) {
    findings.push(`${lostWrites} acknowledged writes are missing on the serving copy`);
  }
  if (allowance !== undefined) {
    const { quotedWrites, acknowledgedSince } = allowance;
    const missing = Math.max(lostWrites, lackedWrites);
    if (missing > quotedWrites + acknowledgedSince) {
      findings.push(
        `${missing} acknowledged writes are missing where ${quotedWrites} were quoted and ` +
          `${acknowledgedSince} acknowledged since`,
      );
    }
  }
  if (undelivered > 0) {
    findings.push(
      `${undelivered} acknowledged messages neither reached their phones nor wait for them`,
    );
  }
  if (unapplied > 0) {
    findings.push(
      `${unapplied} changes that were acknowledged in limited mode are lost or out of order`,
    );
  }
  if (nowhere > 0) {
    findings.push(`${nowhere} acknowledged writes are neither served, nor listed, nor set aside`);
  }
  return findings;
}
