import { createHash } from 'node:crypto';
import type { Chance } from '@understudy/ports';
import { mintBranch } from '../messages/compose/mint.ts';
import type { Via } from '../messages/fields/via.ts';
import { firstValue, listValues } from '../messages/header-list.ts';
import type { SipRequest } from '../messages/message.ts';
import { parameterValue } from '../messages/parameters.ts';
import { callIdOf, cseqOf, fromTag, toTag } from '../messages/read/read-fields.ts';

// A branch of ours has two parts (RFC 3261, section 16.6, step 8): one that is unique, and one that
// is the same exactly when the request would be routed the same way again. A request that comes
// back with everything unchanged that decides its way goes round in a circle; one that was
// retargeted is a spiral, and welcome. The top Via has no part in it: it changes with every round,
// and RFC 5393, section 4.2, makes the check a duty of whoever forks.

const separator = '.';

/** A branch for one copy of a request, with what tells a loop. */
export function branchOf(chance: Chance, wayHash: string): string {
  return `${mintBranch(chance)}${separator}${wayHash}`;
}

/** What decides the way of a request, as received; `request` still has its Route. */
export function wayHashOf(request: SipRequest): string {
  const parts = [
    request.uri,
    toTag(request),
    fromTag(request),
    callIdOf(request),
    cseqOf(request)?.sequence,
    request.method,
    ...listValues(request, 'route'),
    firstValue(request, 'proxy-require'),
    firstValue(request, 'proxy-authorization'),
  ];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 20);
}

/** Whether a request was here before, and was sent on the way that it would go again (16.3). */
export function isLoop(
  vias: readonly Via[],
  { wayHash, isOwn }: { wayHash: string; isOwn: (via: Via) => boolean },
): boolean {
  return vias.some((via) => {
    const branch = parameterValue(via.parameters, 'branch') ?? '';
    return branch.endsWith(`${separator}${wayHash}`) && isOwn(via);
  });
}
