import { showGeneration } from '../../generation.ts';
import type { Limits } from '../../limits.ts';
import type { CopyLag } from '../../agent/agent-report.ts';
import type { ActiveRecord } from '../history/active-record.ts';
import type { CopyObservation, Heartbeat } from './copy-observation.ts';

/** What a passive copy is compared by. */
export type HealthQuestion = {
  readonly copy: CopyObservation;
  readonly record: ActiveRecord;
  readonly lag: CopyLag;
  /** What the active copy's agent said of it; undefined when it was silent. */
  readonly active?: CopyObservation | undefined;
  readonly applyErrorsGrew: boolean;
  readonly limits: Limits;
};

/**
 * Why a copy is not Healthy; undefined when it is. Healthy is a comparison with what the active
 * copy says of itself in its heartbeat, not the absence of errors (E8).
 */
export function findUnhealthy(question: HealthQuestion): string | undefined {
  return findUnconnected(question) ?? findUnlike(question) ?? findBehind(question);
}

function findUnconnected({ copy, applyErrorsGrew }: HealthQuestion): string | undefined {
  const { following } = copy;
  if (following === undefined) return 'it follows nobody';
  if (!following.isEnabled) return 'following is switched off';
  if (!following.isConnected) return 'it is not connected to the active copy';
  if (following.tablesReady < following.tablesTotal) {
    return `${following.tablesReady} of ${following.tablesTotal} tables are copied`;
  }
  if (applyErrorsGrew) return 'what arrives cannot be applied';
  if (following.conflicts > 0) return `applying met ${following.conflicts} conflicts`;
  return undefined;
}

function findUnlike({ copy, record }: HealthQuestion): string | undefined {
  const { heartbeat } = copy;
  if (heartbeat === undefined) return 'no heartbeat has arrived yet';
  if (heartbeat.generation !== record.generation) {
    const heard = showGeneration(heartbeat.generation);
    const decided = showGeneration(record.generation);
    return `its newest heartbeat is of generation ${heard}, ${decided} is decided`;
  }
  if (heartbeat.migration !== copy.migration) {
    return `its schema is at level ${copy.migration}, the active one's at ${heartbeat.migration}`;
  }
  if (heartbeat.tablesHash !== copy.tablesHash) {
    return 'it does not follow the very tables that the active copy publishes';
  }
  return undefined;
}

/** Two looks are not of one instant: one heartbeat between them says nothing. */
const beatsBetweenLooks = 1;

function findBehind({ copy, active, lag, limits }: HealthQuestion): string | undefined {
  if (lag.heartbeatAgeMs === undefined) return 'the age of its heartbeat is not known yet';
  if (lag.heartbeatAgeMs > limits.heartbeatFreshMs) {
    return `its newest heartbeat is ${Math.round(lag.heartbeatAgeMs / 1000)} s old`;
  }
  if (!lacksBeats(copy.heartbeat, active?.heartbeat)) return undefined;
  const lagBytes = (lag.receiveBytes ?? 0) + (lag.applyBytes ?? 0);
  if (lagBytes > limits.lagLimitBytes) return `it is ${lagBytes} bytes behind`;
  return undefined;
}

/**
 * Bytes count the WAL of the whole store, other datasets' seeds too. They are this dataset's lag
 * only where it lacks something itself: a heartbeat arrives after all that was written before it.
 */
function lacksBeats(here: Heartbeat | undefined, there: Heartbeat | undefined): boolean {
  if (here === undefined || there === undefined) return false;
  if (here.generation !== there.generation) return true;
  return there.number - here.number > beatsBetweenLooks;
}
