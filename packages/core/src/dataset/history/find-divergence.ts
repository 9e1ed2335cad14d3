import { showGeneration } from '../../generation.ts';
import type { ActiveRecord } from './active-record.ts';
import type { CopyObservation } from '../copy/copy-observation.ts';

/**
 * Why a copy holds, or may hold, writes that the active one never had; undefined when it does not.
 * A copy that was mounted is free of them only when it handed over and that hand-over was used. A
 * generation above the record's is no excuse: behind a cut cable an operator's word can raise the
 * old side's past the new side's, and the later takeover is active all the same (decisions/0014).
 */
export function findDivergence({
  copy,
  record,
  takenBack,
}: {
  readonly copy: CopyObservation | undefined;
  readonly record: ActiveRecord | undefined;
  readonly takenBack?: string | undefined;
}): string | undefined {
  if (takenBack !== undefined) return takenBack;
  if (copy === undefined || record === undefined) return undefined;
  if (copy.id !== record.id) return `it belongs to another dataset of this name (${copy.id})`;
  if (record.active === copy.store) return undefined;
  const conflicts = copy.following?.conflicts ?? 0;
  if (conflicts > 0) return `applying met ${conflicts} rows that were not as they should be`;
  if (copy.mountedGeneration === 0 || wasHandedOver(copy, record)) return undefined;
  const mounted = showGeneration(copy.mountedGeneration);
  return (
    `it was mounted under generation ${mounted} and never handed over, ` +
    `and ${record.active} is active under ${showGeneration(record.generation)}`
  );
}

function wasHandedOver(copy: CopyObservation, record: ActiveRecord): boolean {
  const { handedOver, mountedGeneration } = copy;
  // The next mount clears it, so one that stands was written after the last mount's last write.
  if (handedOver === undefined || handedOver.generation < mountedGeneration) return false;
  const { former } = record;
  if (former?.store === copy.store && former.generation >= mountedGeneration) {
    return former.how === 'handOver' && former.generation === handedOver.generation;
  }
  // It has followed since: a heartbeat of a later generation arrived over the stream.
  return (copy.heartbeat?.generation ?? 0) > handedOver.generation;
}
