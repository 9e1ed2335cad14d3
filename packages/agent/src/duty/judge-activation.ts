import { clockRateError, coordinateActivation, type MemberHeard } from '@understudy/core';
import { type AgentMemory, notLooked } from '../agent-memory.ts';
import type { AgentParts } from '../agent-parts.ts';
import { isStoppedHere } from './obey-membership.ts';

/**
 * May this agent mount anything by itself yet (V5)? Once it may it goes on to, for its voters have
 * to answer each time; a server that is stopped may not, until it is started.
 */
export function judgeActivation(parts: AgentParts, memory: AgentMemory): void {
  const votes = parts.mountRight.look();
  if (votes === undefined) return;
  const isActivated = memory.activation?.answer === 'allowed';
  if (isActivated && !isStoppedHere({ parts })) return;
  const { started, untouched = [] } = votes.membership;
  memory.activation = coordinateActivation({
    self: parts.server,
    started: [...started, ...untouched],
    heard: membersHeard(parts, memory),
    voters: votes.voters.length,
    votersHeard: votes.heard,
    hasOperatorWord: false, // It is given for one dataset: `dataset mount --partner-is-off`.
  });
}

function membersHeard({ clock }: AgentParts, memory: AgentMemory): readonly MemberHeard[] {
  const lifeMs = clock.bootMs() - memory.startedMs;
  return [...memory.partners].flatMap(([member, view]) => {
    if (view.isSilent || view.report.verdict === notLooked) return [];
    // Two clocks are compared: each may be wrong by so much.
    const quorumMs = (view.report.votes?.quorumMs ?? 0) * (1 - clockRateError);
    return [{ member, isVeteran: quorumMs > lifeMs * (1 + clockRateError) }];
  });
}
