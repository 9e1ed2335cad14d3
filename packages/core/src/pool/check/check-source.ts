import type { PlannedMove } from '../../dataset/move/plan-move.ts';
import { copyAt } from '../../dataset/move/copy-places.ts';
import type { Finding, RunRequest } from '../../run/run-request.ts';
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
  { dataset, from }: PlannedMove,
  inventory: Inventory,
  request: RunRequest,
): readonly Finding[] {
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
  return certainty?.by === 'nothing' ? [refusal('partnerMayBeOn', certainty.why)] : [];
}
