import type { PlannedMove } from '../../dataset/move/plan-move.ts';
import { showGeneration } from '../../generation.ts';
import { copyAt } from '../../dataset/move/copy-places.ts';
import type { Finding, RunRequest } from '../../run/run-request.ts';
import { majorityOf } from '../../quorum/count-votes.ts';
import type { Inventory } from '../../topology/inventory.ts';
import { demandSourceOff } from '../../fencing/demand-off.ts';
import { judgeSource } from '../../fencing/judge-source.ts';
import { refusal } from './finding.ts';

/** What the source's side says to this move. A silent source is `checkServers`' matter. */
export function checkSource(
  move: PlannedMove,
  inventory: Inventory,
  request: RunRequest,
): readonly Finding[] {
  return request.mode === 'forced'
    ? checkForced(move, inventory, request)
    : checkPlanned(move, inventory);
}

function checkPlanned(move: PlannedMove, inventory: Inventory): readonly Finding[] {
  const { dataset, from, current } = move;
  if (current.dismounted !== undefined) {
    const why = `${dataset} is kept dismounted (${current.dismounted})`;
    return [refusal('dismounted', `${why}; first: understudy dataset mount ${dataset}`)];
  }
  if (inventory.silent.some(({ server }) => server === from.server)) return [];
  const copy = copyAt(inventory, dataset, from.store);
  if (copy?.state === 'mounted') return [];
  const state = copy === undefined ? 'not there' : `${copy.state}: ${copy.why}`;
  return [
    refusal(
      'sourceNotMounted',
      `${dataset} is not mounted on ${from.store} (${state}), so nothing can be handed over; ` +
        `mount it there, or move by force when ${from.server} is off`,
    ),
  ];
}

function checkForced(
  move: PlannedMove,
  inventory: Inventory,
  request: RunRequest,
): readonly Finding[] {
  const { dataset, from } = move;
  const report = inventory.reports.find(({ server }) => server === from.server);
  if (judgeSource(report, { dataset, store: from.store }) === 'answers') {
    return [
      refusal(
        'sourceAnswers',
        `${from.server} answers, so nothing of ${dataset} need be lost; move it without --force`,
      ),
    ];
  }
  const certainty = demandSourceOff(inventory, { dataset, ...from }, request);
  if (certainty?.by === 'nothing') return [refusal('partnerMayBeOn', certainty.why)];
  return certainty?.by === 'word' ? checkLease(move, inventory) : [];
}

/** No word says that a side is off whose lease a majority of the voters sees renewed. */
function checkLease({ dataset, from, current }: PlannedMove, seen: Inventory): readonly Finding[] {
  const { votes } = seen.reports.find(({ server }) => server === seen.observer) ?? {};
  const lease = votes?.leases.find((each) => each.dataset === current.id);
  if (votes === undefined || lease?.holder !== from.store) return [];
  const { renewedAt, heldMs, generation } = lease;
  if (renewedAt.length < majorityOf(votes.voters.length)) return [];
  const held = `for ${Math.floor(heldMs / 1000)} s at least`;
  return [
    refusal(
      'leaseRenewed',
      `${from.store} renews the lease of ${dataset} at ${renewedAt.join(' and ')}, under ` +
        `generation ${showGeneration(generation)} ${held}: it is on, and forcing would make a ` +
        'second writer; mend the way to it, stop it, or move without --force',
    ),
  ];
}
