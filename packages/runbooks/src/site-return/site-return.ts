import { planReturn, type ReturnPlan } from '@understudy/core';
import { defineRunbook } from '@understudy/runbook-engine';
import { healthy } from './healthy.ts';
import { learnDecisions } from './learn-decisions.ts';
import { reseed } from './reseed.ts';
import { setAside } from './set-aside.ts';
import { verify } from './verify.ts';

/** Copies of a site that was failed over become followers; its pool stays failed over. */
export const siteReturn = defineRunbook<ReturnPlan>({
  name: 'site-return',
  version: 1,
  plan: planReturn,
  steps: () => [learnDecisions, setAside, reseed, healthy, verify],
});
