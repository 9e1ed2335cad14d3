import { activeRecordOf, newestDecisions, type ReturnPlan } from '@understudy/core';
import { defineStep, seconds } from '@understudy/runbook-engine';
import { titleOf } from '../title-of.ts';

/** The returning server learns what was decided without it. */
export const learnDecisions = defineStep<ReturnPlan>({
  name: 'learn-decisions',
  title: titleOf('learn-decisions'),
  timeoutMs: () => seconds(30),
  attemptsMax: 3,
  async isDone({ plan, agentOf }) {
    const { decisions } = await agentOf(plan.server).report();
    const isKnown = plan.returns.every(({ dataset, record }) => {
      const known = activeRecordOf(decisions, dataset);
      return known !== undefined && known.generation >= record.generation;
    });
    return isKnown ? 'the newest decisions are known' : undefined;
  },
  async run({ plan, agentOf, reach }) {
    const reports = await Promise.all(
      reach.partners().map((server) => reach.ask(server, (agent) => agent.report())),
    );
    const heard = reports.flatMap((report) => (report === undefined ? [] : [report.decisions]));
    const records = plan.returns.map(({ record }) => record);
    const newest = newestDecisions(records, ...heard);
    await agentOf(plan.server).learn(newest);
    return `${newest.length} decisions learned from ${heard.length} partners`;
  },
  undo: async () => 'knowing them harms nobody',
});
