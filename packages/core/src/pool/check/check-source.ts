import type { PlannedMove } from '../../dataset/move/plan-move.ts';
import { copyAt } from '../../dataset/move/plan-move.ts';
import type { Finding, RunRequest } from '../../run/run-request.ts';
import type { Inventory } from '../../topology/inventory.ts';
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
  { dataset, from }: PlannedMove,
  inventory: Inventory,
  { isPartnerOff }: RunRequest,
): readonly Finding[] {
  const report = inventory.reports.find(({ server }) => server === from.server);
  const store = report?.stores.find((each) => each.store === from.store);
  const copy = copyAt(inventory, dataset, from.store);
  const state = copy?.state;
  // The store lists its databases itself: one that merely could not be looked at is not gone, and
  // where there is no database there is no gate, so nobody can write.
  if (copy === undefined && store?.isUp === true && store.datasets?.includes(dataset) === false) {
    return [];
  }
  // It can never be handed over: its database is gone, or its store went back in time (E10).
  if (report !== undefined && (state === 'failed' || state === 'diverged')) return [];
  // A store that is down has no open gate; an agent that merely lives there changes nothing.
  if (report !== undefined && store?.isUp !== false) {
    return [
      refusal(
        'sourceAnswers',
        `${from.server} answers, so nothing of ${dataset} need be lost; move it without --force`,
      ),
    ];
  }
  if (isPartnerOff) return [];
  return [
    refusal(
      'partnerMayBeOn',
      `a silent ${from.server} cannot be told from a cut cable; make sure that it is off and say ` +
        'so with --partner-is-off',
    ),
  ];
}
