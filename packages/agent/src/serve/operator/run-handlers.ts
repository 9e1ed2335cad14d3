import type { Finding, RunId, RunRequest } from '@understudy/core';
import { asPool, asRun, poolRecordOf } from '@understudy/core';
import type { Begun } from '../../lead/leading.ts';
import { newestRuns } from '../../observe/build-report.ts';
import {
  ElsewhereError,
  ForbiddenError,
  type Handler,
  type OperatorApi,
  WrongRequestError,
} from './operator-context.ts';

type Names =
  | 'plan'
  | 'startRun'
  | 'listRuns'
  | 'showRun'
  | 'resumeRun'
  | 'cancelRun'
  | 'approveRun'
  | 'setPoolState'
  | 'moveDataset';
type Handlers = { readonly [Name in Names]: Handler<Name> };

export function runHandlers(api: OperatorApi): Handlers {
  const { agent } = api;
  const { leading } = agent;
  return {
    async plan({ body, operator }) {
      const whatIf = await leading.plan({ ...body, by: operator });
      // Quotes can be accepted only where they were given: at the agent that would lead.
      const { elsewhere, plan = null, ...rest } = whatIf;
      if (elsewhere !== undefined) throw new ElsewhereError(elsewhere);
      return { ...rest, plan };
    },
    async startRun({ body, operator }) {
      const { planHash, ...request } = body;
      return begun(await leading.begin({ ...request, by: operator }, planHash));
    },
    async moveDataset({ params, body, operator }) {
      const request = {
        runbook: 'dataset-move',
        dataset: params['dataset'],
        toStore: body.toStore,
        mode: 'planned',
        isPartnerOff: false,
        by: operator,
      } as RunRequest;
      return begun(await leading.begin(request, body.planHash));
    },
    async setPoolState({ params, body, operator }) {
      const pool = asPool(params['pool'] ?? '');
      const { state, ...word } = body;
      const { decisions } = await agent.inventory();
      const now = poolRecordOf(decisions, pool)?.state;
      if (now === state) throw new ForbiddenError([alreadyThere(pool, state)]);
      // The run that the state means; it finds done what is done (decisions/0007).
      const isOut = state === 'failingOver' || state === 'failedOver';
      const runbook = isOut ? 'pool-failover' : 'pool-failback';
      const mode = word.isPartnerOff ? 'forced' : 'planned';
      return begun(await leading.begin({ runbook, pool, mode, ...word, by: operator }));
    },
    listRuns: async () => ({ runs: newestRuns(await agent.runs()) }),
    async showRun({ params, query }) {
      const story = await leading.read(runOf(params));
      if (story === undefined) throw unknownRun(params);
      const { row, journal } = story;
      const after = query?.after ?? 0;
      const lines = journal.filter(
        ({ attempt, number }) => attempt < row.attempt || number > after,
      );
      return { row, journal: lines };
    },
    async resumeRun({ params, operator }) {
      const run = await leaderOrHere(api, params);
      return { run: (await leading.resume(run, operator)).id };
    },
    async cancelRun({ params, operator }) {
      const run = await leaderOrHere(api, params);
      const started = await leading.cancel(run, operator);
      return { why: (await started.finished).why };
    },
    async approveRun({ params, operator }) {
      const run = await leaderOrHere(api, params);
      const started = await leading.approve(run, operator);
      return { why: `approved by ${operator}: ${started.row.why}` };
    },
  };
}

function runOf(params: Readonly<Record<string, string>>): RunId {
  return asRun(params['id'] ?? '');
}

/** The run's own leader while it answers; where it is silent, this agent takes the run over. */
async function leaderOrHere(
  { agent }: OperatorApi,
  params: Readonly<Record<string, string>>,
): Promise<RunId> {
  const id = runOf(params);
  const [seen, runs] = await Promise.all([agent.inventory(), agent.runs()]);
  const row = runs.find((each) => each.id === id);
  if (row === undefined) throw unknownRun(params);
  const isSilent = seen.silent.some(({ server }) => server === row.leader);
  if (row.leader !== agent.server && !isSilent) throw new ElsewhereError(row.leader);
  return id;
}

function unknownRun(params: Readonly<Record<string, string>>): WrongRequestError {
  const what = `nobody who answers knows run ${params['id']}`;
  const todo = '`understudy run list` names those that are known';
  return new WrongRequestError('notFound', what, todo);
}

function alreadyThere(pool: string, state: string): Finding {
  return { severity: 'refusal', code: 'alreadyThere', why: `pool ${pool} is ${state} already` };
}

function begun(answer: Begun): { readonly run: RunId } {
  if (answer.kind === 'elsewhere') throw new ElsewhereError(answer.leader);
  if (answer.kind === 'refused') throw new ForbiddenError(answer.refusals);
  return { run: answer.started.id };
}
