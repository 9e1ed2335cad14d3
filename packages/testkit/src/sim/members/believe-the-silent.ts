import type { AgentReport, ServerName } from '@understudy/core';
import type { AgentClient } from '@understudy/ports';

/** What agents have said, by who asked and who answered; it outlives an agent. */
export type Hearsay = Map<`${ServerName}>${ServerName}`, AgentReport>;

/**
 * Without V5: what a partner said before this agent started counts until it is heard again, and
 * meanwhile it is taken to agree with whatever is decided.
 */
export function believingTheSilent(
  client: AgentClient,
  from: ServerName,
  hearsay: Hearsay,
): AgentClient {
  const way = `${from}>${client.server}` as const;
  let isHeard = false;
  return {
    ...client,
    report: () =>
      client.report().then(
        (report) => {
          isHeard = true;
          hearsay.set(way, report);
          return report;
        },
        (error: unknown) => {
          const known = hearsay.get(way);
          if (isHeard || known === undefined) throw error;
          return known;
        },
      ),
    decide: (...asked) =>
      client.decide(...asked).catch((error: unknown) => {
        if (isHeard) throw error;
        return { isDone: true };
      }),
  };
}
