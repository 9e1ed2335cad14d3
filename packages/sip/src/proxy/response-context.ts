import type { SipResponse } from '../messages/message.ts';
import type { ServerTransaction } from '../transactions/server-transaction.ts';
import { chooseBestResponse } from './best-response.ts';
import type { ProxyBranch } from './proxy-branch.ts';

export type ResponseContextOptions = {
  readonly transaction: ServerTransaction;
  /** Asked once every branch has failed: what to send, or undefined when others were begun. */
  readonly onFailure: (best: SipResponse) => Promise<SipResponse | undefined>;
  readonly onAnswered: () => void;
  /** A response of our own to the request, with our tag. */
  readonly own: (status: number) => SipResponse;
};

/** All copies of one request, and what goes back of their responses (RFC 3261, section 16.7). */
export class ResponseContext {
  readonly #options: ResponseContextOptions;
  readonly #branches = new Set<ProxyBranch>();
  readonly #finals: SipResponse[] = [];
  #isAnswered = false;
  #isCancelled = false;
  /** A round is being begun, or it is asked for others: nothing is decided meanwhile. */
  #isBeginning = false;
  #isAsking = false;

  constructor(options: ResponseContextOptions) {
    this.#options = options;
  }

  get isCancelled(): boolean {
    return this.#isCancelled;
  }

  get isAnswered(): boolean {
    return this.#isAnswered;
  }

  /** Begins a round: all its branches are there before the first answer is judged. */
  begin(branches: readonly ProxyBranch[]): void {
    this.#isBeginning = true;
    this.#branches.clear();
    this.#finals.length = 0;
    for (const branch of branches) this.#branches.add(branch);
    // A branch never rejects: what goes wrong with it is its final response.
    for (const branch of branches) void branch.start();
    this.#isBeginning = false;
    this.#isAsking = false;
    this.#decide();
  }

  /** The caller has hung up (section 16.10). */
  cancel(): void {
    this.#isCancelled = true;
    this.cancelBranches();
    // Between two rounds nothing is left that could answer 487.
    if (this.#isAsking && !this.#isAnswered) this.answer(this.#options.own(487));
  }

  /** Ends the ringing (section 16.7, step 10). */
  cancelBranches(): void {
    for (const branch of this.#branches) branch.cancel();
  }

  /** Nobody has taken the call in time: what rings is cancelled, the others are not waited for. */
  giveUpBranches(): void {
    for (const branch of this.#branches) branch.giveUp();
  }

  receive(response: SipResponse): void {
    if (response.status < 200) {
      // Step 5: every provisional response but 100, which is for one hop alone.
      if (response.status > 100 && !this.#isAnswered) this.#pass(response);
      return;
    }
    if (response.status < 300) {
      // Step 5: at once, and for an INVITE each of them: forking may bring several.
      const isWanted = !this.#isAnswered || this.#options.transaction.request.method === 'INVITE';
      if (isWanted) this.answer(response);
      this.cancelBranches();
      return;
    }
    this.#finals.push(response);
    if (response.status >= 600) this.cancelBranches(); // Step 5; sent when all have ended.
    this.#decide();
  }

  #decide(): void {
    if (this.#isAnswered || this.#isBeginning || this.#isAsking) return;
    if ([...this.#branches].some((branch) => !branch.isOver)) return;
    const best = chooseBestResponse(this.#finals) ?? this.#options.own(480);
    if (this.#isCancelled) {
      this.answer(best);
      return;
    }
    this.#isAsking = true;
    void this.#conclude(best);
  }

  async #conclude(best: SipResponse): Promise<void> {
    const response = await this.#options.onFailure(best).catch(() => best);
    this.#isAsking = false;
    if (this.#isAnswered || response === undefined) return;
    // Step 6: a 503 would make the client leave this whole server for the trouble of one branch.
    this.answer(response.status === 503 ? this.#options.own(500) : response);
  }

  /** Sends a final response. */
  answer(response: SipResponse): void {
    this.#isAnswered = true;
    this.#options.onAnswered();
    this.#pass(response);
  }

  #pass(response: SipResponse): void {
    this.#options.transaction.respond(response);
  }
}
