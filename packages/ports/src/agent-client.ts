import type {
  AgentReport,
  Decision,
  Generation,
  HandOnAnswer,
  HandOnQuestion,
  JournalLine,
  Order,
  OrderReport,
  PoolName,
  QueuedBatch,
  QueuedDone,
  Refusal,
  RunId,
  RunRow,
  ServerName,
} from '@understudy/core';
import type { Decided, Taken } from './control-store.ts';
import type { VoteAnswer, VoteQuestion } from './vote-store.ts';

/** The agent answered no: nothing was changed there. */
export class OrderRefusedError extends Error {
  override readonly name = 'OrderRefusedError';
  readonly refusal: Refusal;
  constructor(server: ServerName, refusal: Refusal) {
    super(`${server} refused: ${refusal.why}`);
    this.refusal = refusal;
  }
}
/** No answer: whether it was carried out is unknown until its world is observed. */
export class AgentUnreachableError extends Error {
  override readonly name = 'AgentUnreachableError';
}
/** The agent tried and failed; its own words are in the message. */
export class OrderFailedError extends Error {
  override readonly name = 'OrderFailedError';
}

/** How agents talk to each other, and to themselves (decisions/0010). */
export interface AgentClient {
  readonly server: ServerName;
  report(): Promise<AgentReport>;
  obey(order: Order): Promise<OrderReport>;

  /**
   * Compare-and-set. With `by`, a decision of a run: refused as an order is where a higher attempt
   * of that run is known (E14). Throws OrderRefusedError.
   */
  decide(
    next: Decision,
    expected: Generation | undefined,
    by?: Pick<Order, 'run' | 'attempt'>,
  ): Promise<Decided>;
  learn(decisions: readonly Decision[]): Promise<void>;
  takeRun(row: RunRow, expected: number | undefined): Promise<Taken>;
  saveRun(row: RunRow): Promise<Taken>;
  readRuns(): Promise<readonly RunRow[]>;
  appendJournal(lines: readonly JournalLine[]): Promise<boolean>;
  /** The oldest of what waits on that server for users of `pool` (limited mode). */
  readQueued(pool: PoolName): Promise<QueuedBatch>;
  /** What was applied need not wait there any more. */
  clearQueued(pool: PoolName, done: QueuedDone): Promise<void>;
  readJournal(run: RunId): Promise<readonly JournalLine[]>;
  /**
   * What the asked agent has mounted for pools that the asking server serves too; once there is
   * news of it, or when the question's time is over (decisions/0033).
   */
  handOn(question: HandOnQuestion): Promise<HandOnAnswer>;

  /** Asks the voter of that server. Throws OrderRefusedError where it does not vote. */
  vote(question: VoteQuestion): Promise<VoteAnswer[VoteQuestion['kind']]>;
}
