import {
  type Finding,
  type Inventory,
  knownRecord,
  type LossQuote,
  offBy,
  placeOf,
  planWords,
  quoteWhenOff,
  type RunId,
  type RunPlan,
  type RunRequest,
  type ServerName,
} from '@understudy/core';
import {
  type AnyRunbook,
  planHash,
  type Runner,
  type RunStory,
  type StartedRun,
} from '@understudy/runbook-engine';
import type { AgentParts } from '../agent-parts.ts';
import { measureExpected } from './measure-expected.ts';
import type { QuoteBook } from './quotes.ts';

/** What would be done, or why it would not; nothing is done. */
export type WhatIf = {
  readonly plan?: RunPlan;
  readonly planHash?: string;
  /** The server whose agent leads, or would if it were not refused. */
  readonly leader?: ServerName;
  /** The same where it is another that answers, and so has to be asked. */
  readonly elsewhere?: ServerName;
  readonly findings: readonly Finding[];
  readonly quotes: readonly LossQuote[];
  /** To accept `quotes` with; absent where no loss is to be accepted. */
  readonly quoteId?: string;
  readonly words: readonly string[];
};

/** A run was begun, or is another agent's to begin, or is refused. */
export type Begun =
  | { readonly kind: 'begun'; readonly started: StartedRun }
  | { readonly kind: 'elsewhere'; readonly leader: ServerName }
  | { readonly kind: 'refused'; readonly refusals: readonly Finding[] };

/** Plans and leads runs on this server. */
export type Leading = {
  plan(request: RunRequest): Promise<WhatIf>;
  /** With `onlyHash`, only if the plan is still the one that was shown. */
  begin(request: RunRequest, onlyHash?: string): Promise<Begun>;
  resume(run: RunId, by: string): Promise<StartedRun>;
  approve(run: RunId, by: string): Promise<StartedRun>;
  cancel(run: RunId, by: string): Promise<StartedRun>;
  read(run: RunId): Promise<RunStory | undefined>;
  readonly runner: Runner;
};

export type LeadingParts = {
  readonly parts: AgentParts;
  readonly runner: Runner;
  readonly quotes: QuoteBook;
  readonly inventory: () => Promise<Inventory>;
};

export function createLeading({ parts, runner, quotes, inventory }: LeadingParts): Leading {
  const about = { parts, runner, quotes };
  return {
    plan: async (request) => await describe(about, { request, seen: await inventory() }),
    runner,
    async begin(request, onlyHash) {
      const seen = await inventory();
      const whatIf = await describe(about, { request, seen });
      const refusals = whatIf.findings.filter(({ severity }) => severity === 'refusal');
      if (whatIf.plan === undefined || whatIf.planHash === undefined || refusals.length > 0) {
        // An agent that is not the leader cannot judge a quote that the leader has given.
        const { elsewhere } = whatIf;
        if (elsewhere !== undefined) return { kind: 'elsewhere', leader: elsewhere };
        return { kind: 'refused', refusals };
      }
      if (whatIf.plan.leader !== parts.server) {
        return { kind: 'elsewhere', leader: whatIf.plan.leader };
      }
      if (onlyHash !== undefined && onlyHash !== whatIf.planHash) {
        return { kind: 'refused', refusals: [planChanged(onlyHash, whatIf.planHash)] };
      }
      const { by } = request;
      // Who hangs was waited for just now: users are without service, and it is not asked again.
      const silent = silentServers(seen);
      const order = { plan: whatIf.plan, planHash: whatIf.planHash, by, silent };
      return { kind: 'begun', started: await runner.begin(order) };
    },
    resume: (run, by) => runner.resume(run, by),
    approve: (run, by) => runner.approve(run, by),
    cancel: (run, by) => runner.cancel(run, by),
    read: (run) => runner.readRun(run),
  };
}

type Describing = Pick<LeadingParts, 'parts' | 'runner' | 'quotes'>;
type Asked = { readonly request: RunRequest; readonly seen: Inventory };

async function describe(
  { parts, runner, quotes }: Describing,
  { request, seen }: Asked,
): Promise<WhatIf> {
  const runbook = parts.runbooks.find(({ name }) => name === request.runbook);
  if (runbook === undefined) return refusedPlan(unknownRunbook(request));
  const concerned = seen.quotes
    .filter(({ dataset }) => isConcerned(request, seen, dataset))
    .map((quote) => quoteWhenOff(quote, wordOf(quote, { seen, request })));
  const badQuote = quotes.refuse(request, concerned);
  // Planned as if accepted first, so that the leader is known whatever the quote is worth.
  const leader = leaderOf(runbook, { seen, request });
  const { acceptedQuote: _, ...withoutQuote } = request;
  const planned = runbook.plan(seen, badQuote === undefined ? request : withoutQuote);
  const found = badQuote === undefined ? [] : [{ ...quoteFinding(badQuote) }];
  const findings = [...found, ...planned.findings];
  const forced =
    request.mode === 'forced' && concerned.length > 0
      ? { quoteId: quotes.show(request, concerned) }
      : {};
  const base = {
    findings,
    quotes: concerned,
    ...forced,
    ...(leader === undefined ? {} : { leader }),
    ...(mustBeAsked(leader, { seen, self: parts.server }) ? { elsewhere: leader } : {}),
  };
  if (planned.plan === undefined) return { ...base, words: findings.map(({ why }) => why) };
  const hash = planHash(planned.plan);
  const expectedMs = await measureExpected(runner, planned.plan, silentServers(seen));
  const words = planWords(planned.plan, { planHash: hash, expectedMs });
  return { ...base, plan: planned.plan, planHash: hash, words };
}

/** What makes it certain, in this request, that the active copy's side is off. */
function wordOf({ dataset }: LossQuote, { seen, request }: Asked) {
  const record = knownRecord(seen, dataset);
  if (record === undefined) return undefined;
  return offBy(seen, { dataset, ...placeOf(seen.topology, record.active) }, request);
}

function silentServers({ silent }: Inventory): readonly ServerName[] {
  return silent.map(({ server }) => server);
}

function leaderOf(runbook: AnyRunbook, { seen, request }: Asked): ServerName | undefined {
  const accepted = {
    ...request,
    acceptedQuote: request.acceptedQuote ?? 'any',
    isPartnerOff: true,
  };
  const planned = runbook.plan(seen, accepted);
  return planned.plan === undefined ? planned.leader : planned.plan.leader;
}

/** Who is silent is not asked: the refusal that names it is answered here. */
function mustBeAsked(
  leader: ServerName | undefined,
  { seen, self }: { readonly seen: Inventory; readonly self: ServerName },
): leader is ServerName {
  return leader !== undefined && leader !== self && !silentServers(seen).includes(leader);
}

function isConcerned({ pool, dataset }: RunRequest, { topology }: Inventory, name: string) {
  if (dataset !== undefined) return dataset === name;
  return topology.datasets.some((each) => each.name === name && each.pool === pool);
}

function refusedPlan(finding: Finding): WhatIf {
  return { findings: [finding], quotes: [], words: [finding.why] };
}

function unknownRunbook({ runbook }: RunRequest): Finding {
  return { severity: 'refusal', code: 'unknownRunbook', why: `there is no runbook ${runbook}` };
}

function quoteFinding(why: string): Finding {
  return { severity: 'refusal', code: 'quoteNotValid', why };
}

function planChanged(shown: string, now: string): Finding {
  const why = `the plan is ${now} by now, ${shown} was shown: look at it again`;
  return { severity: 'refusal', code: 'planChanged', why };
}
