import { counted } from '../../counted.ts';
import { offBy } from '../../fencing/demand-off.ts';
import type { CopyReport } from '../../agent/agent-report.ts';
import { copyRecordOf } from '../../agent/decision.ts';
import { findLine } from '../../dataset/history/find-line.ts';
import { quoteWhenOff } from '../../dataset/history/loss.ts';
import { isSameLink } from '../../dataset/history/links-of-record.ts';
import { findActivationBar } from '../../dataset/move/activation-bars.ts';
import { copyAt, quoteOf } from '../../dataset/move/copy-places.ts';
import type { PlannedMove } from '../../dataset/move/plan-move.ts';
import type { Link } from '../../dataset/history/link.ts';
import type { Finding, RunRequest } from '../../run/run-request.ts';
import type { Inventory } from '../../topology/inventory.ts';
import { refusal, warning } from './finding.ts';

/** What the target copy says to this move. A silent target is `checkServers`' matter. */
export function checkTarget(
  move: PlannedMove,
  inventory: Inventory,
  request: RunRequest,
): readonly Finding[] {
  if (inventory.silent.some(({ server }) => server === move.to.server)) return [];
  const bar = findActivationBar(inventory, { dataset: move.dataset, store: move.to.store });
  if (bar !== undefined) {
    const why = `${move.dataset} on ${move.to.store}: ${bar.why}`;
    return [refusal(bar.code, `${why}; first: ${bar.todo}`)];
  }
  const copy = copyAt(inventory, move.dataset, move.to.store);
  if (copy === undefined) {
    const why = `${move.to.store} has no copy of ${move.dataset} yet; it must be seeded first`;
    return [refusal('noCopyAtTarget', why)];
  }
  const state =
    request.mode === 'forced'
      ? [...checkForcedState(copy), ...checkQuote(move, inventory, request)]
      : [...checkPlannedState(copy, move, inventory), ...checkLag(copy, inventory)];
  return [...state, ...checkLevel(copy), ...checkVerified(copy, move), ...checkWayBack(copy, move)];
}

function checkPlannedState(
  copy: CopyReport,
  { dataset, to, current }: PlannedMove,
  inventory: Inventory,
): readonly Finding[] {
  const { decisions, topology } = inventory;
  const suspended = copyRecordOf(decisions, { dataset, store: to.store })?.suspended;
  if (suspended !== undefined) {
    const why = `the copy of ${dataset} on ${to.store} is suspended (${suspended})`;
    return [refusal('copySuspended', `${why}; first: understudy dataset resume ${dataset}`)];
  }
  if (copy.state === 'healthy') return [];
  const why = `the copy of ${dataset} on ${to.store} is ${copy.state} (${copy.why})`;
  // Just after another move its old side is about to follow: the run sees to that.
  const active = copyAt(inventory, dataset, current.active);
  const line = findLine(copy, current, { active });
  const isAboutTo = copy.state === 'disconnected' && line.kind === 'canFollow';
  if (copy.state === 'catchingUp' || isAboutTo) {
    const bound = `${topology.limits.steadyTimeoutMs / 1000} s at most`;
    return [warning('copyCatchingUp', `${why}; the run waits for it at full service, ${bound}`)];
  }
  return [refusal('copyNotHealthy', `${why}; a planned move needs it healthy`)];
}

/** States from which the copy lifecycle lets a copy be activated by force. */
const forcible: readonly CopyReport['state'][] = ['healthy', 'catchingUp', 'disconnected'];

function checkForcedState(copy: CopyReport): readonly Finding[] {
  if (forcible.includes(copy.state)) return checkWhole(copy);
  const why = `the copy of ${copy.dataset} on ${copy.store} is ${copy.state} (${copy.why})`;
  return [refusal('copyNotUsable', `${why}; it can be mounted from ${forcible.join(', ')} only`)];
}

/** Its seed was cut off: a table that was never copied is no loss that any quote knows of. */
function checkWhole({ dataset, store, isWhole }: CopyReport): readonly Finding[] {
  if (isWhole) return [];
  const why = `the copy of ${dataset} on ${store} was not seeded to the end`;
  const todo = 'bring another copy of it back; then it is seeded by itself';
  return [refusal('copyNotWhole', `${why}, so whole tables may be missing; ${todo}`)];
}

/** A5: beyond the dataset's loss limit only with the operator's yes to this very quote. */
function checkQuote(
  { dataset, from, to }: PlannedMove,
  inventory: Inventory,
  request: RunRequest,
): readonly Finding[] {
  const { acceptedQuote } = request;
  const seen = quoteOf(inventory, dataset, to.store);
  const quote = seen && quoteWhenOff(seen, offBy(inventory, { dataset, ...from }, request));
  if (quote?.isWithinLimit === true) return [];
  const cost =
    quote === undefined
      ? `nothing is known of what ${to.store} lacks of ${dataset}, beyond any loss limit`
      : `${quote.why} of ${dataset}`;
  if (acceptedQuote !== undefined) return [warning('lossAccepted', `accepted: ${cost}`)];
  const todo = 'accept it with --accept-loss=QUOTE_ID, the id printed with this quote';
  return [refusal('lossBeyondLimit', `${cost}; ${todo}`)];
}

function checkLag(copy: CopyReport, { topology }: Inventory): readonly Finding[] {
  const limit = topology.limits.drainLagMs + topology.limits.heartbeatMs;
  const age = copy.lag.heartbeatAgeMs;
  if (age !== undefined && age <= limit) return [];
  const lag = age === undefined ? 'of unknown age' : `${age} ms old`;
  const why = `the copy of ${copy.dataset} on ${copy.store} is ${lag}`;
  return [warning('lagAboveDrainLimit', `${why}; the run waits for steady state`)];
}

/** E8: an older schema lacks what the newer one has taken; a newer one has place for everything. */
function checkLevel({ dataset, store, migration, heartbeat }: CopyReport): readonly Finding[] {
  if (heartbeat === undefined || heartbeat.migration <= migration) return [];
  const why = `the schema of ${dataset} on ${store} is at level ${migration}`;
  return [refusal('levelBelow', `${why}, the active one's at ${heartbeat.migration}`)];
}

function checkVerified(copy: CopyReport, { dataset, to }: PlannedMove): readonly Finding[] {
  const { verified } = copy;
  if (verified === undefined) {
    const why = `the copy of ${dataset} on ${to.store} was never verified since it was seeded`;
    return [warning('notVerified', `${why}; understudy dataset verify ${dataset} does it`)];
  }
  if (verified.differences.length === 0) return [];
  const count = verified.differences.length;
  const why = `verify found ${counted(count, 'difference')} in ${dataset} on ${to.store}`;
  return [refusal('verifyDiffers', `${why}; first: understudy dataset seed ${dataset}`)];
}

/** E6: without the standing slot the old side cannot follow and must be seeded again. */
function checkWayBack(copy: CopyReport, { current, from, to }: PlannedMove): readonly Finding[] {
  const { dataset, since } = current;
  const wayBack: Link = { dataset, from: to.store, to: from.store, since };
  const stands = copy.slots.some(({ link, isLost }) => !isLost && isSameLink(link, wayBack));
  if (stands) return [];
  const why = `the slot for the way back of ${dataset} is not on ${to.store}`;
  return [warning('wayBackMissing', `${why}: mount, and reseed the old side`)];
}
