import { planReturn, type ReturnPlan } from '@understudy/core';
import { defineRunbook } from '@understudy/runbook-engine';
import { dropSetAside } from './drop-set-aside.ts';
import { healthy } from './healthy.ts';
import { learnDecisions } from './learn-decisions.ts';
import { reseed } from './reseed.ts';
import { salvage } from './salvage.ts';
import { setAside } from './set-aside.ts';
import { verify } from './verify.ts';

/**
 * What a site that was failed over holds alone is salvaged, and its copies become followers; its
 * pool stays failed over.
 */
export const siteReturn = defineRunbook<ReturnPlan>({
  name: 'site-return',
  version: 2,
  plan: planReturn,
  steps: () => [learnDecisions, setAside, salvage, reseed, healthy, verify, dropSetAside],
});
