import type { CopyReport, ServerName } from '@understudy/core';
import { withTimeout } from '@understudy/ports';
import type { AgentMemory, PartnerView } from '../agent-memory.ts';
import type { AgentParts } from '../agent-parts.ts';
import { wordsOf } from './look-at-store.ts';

/** Asks every partner for its report at once, each for limits.peerTimeoutMs at most. */
export async function askPartners(
  parts: AgentParts,
  memory: AgentMemory,
): Promise<ReadonlyMap<ServerName, PartnerView>> {
  const { clock, partners, topology } = parts;
  memory.asks += 1;
  const asked = memory.asks;
  const askedMs = clock.bootMs();
  await Promise.all(
    partners.map(async (partner) => {
      const bound = { ms: topology.limits.peerTimeoutMs, what: `agent of ${partner.server}` };
      const view = await withTimeout(clock, bound, () => partner.report()).then(
        (report): PartnerView => ({ asked, isSilent: false, report }),
        (error: unknown): PartnerView => ({ asked, isSilent: true, why: wordsOf(error) }),
      );
      if (!view.isSilent) noteHeartbeats(memory, view.report.copies, askedMs);
      const known = memory.partners.get(partner.server)?.asked ?? 0;
      if (known < asked) memory.partners.set(partner.server, view);
    }),
  );
  return memory.partners;
}

/** An agent tells how far its copies are also where nothing is replicated from them just now. */
function noteHeartbeats(
  { heartbeats }: AgentMemory,
  copies: readonly CopyReport[],
  askedMs: number,
): void {
  for (const copy of copies) heartbeats.watch(copy, askedMs);
}
