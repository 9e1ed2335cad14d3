import {
  checkRegister,
  mintTag,
  nameOfDestination,
  type SipRequest,
  type SipResponse,
  type Source,
  toOf,
} from '@understudy/sip';
import { takesChanges } from '../data/mounted-dataset.ts';
import type { RegistrationPlan } from '../bindings/plan-registration.ts';
import { unknownOutcome } from '../problem.ts';
import { choosePool } from '../sign-in/choose-pool.ts';
import { answerRegister } from './answer-register.ts';
import { identify } from './identify.ts';
import { ownUser } from './own-user.ts';
import { readRegistration } from './read-registration.ts';
import { othersOf, refusalElsewhere } from './redirect.ts';
import { SipRefusal } from './sip-refusal.ts';
import type { AnswerTools } from './sip-tools.ts';

/**
 * Answers a REGISTER once what it changes is durable (RFC 3261, section 10.3). Throws SipRefusal or
 * Problem with what is owed instead.
 */
export async function register(
  request: SipRequest,
  source: Source,
  tools: AnswerTools,
): Promise<SipResponse> {
  const verdict = checkRegister(request);
  if (verdict.kind === 'answer') throw new SipRefusal(verdict.status, verdict.reason);
  const name = ownUser(toOf(request)?.uri, tools);
  if (name === undefined) throw new SipRefusal(404, 'No Such Address Here');
  const place = await choosePool(tools.registrar, { pool: undefined, user: name });
  if (place.kind === 'elsewhere') throw refusalElsewhere(place.pool, source.transport);
  const { pool, mounted } = place;
  if (!takesChanges(pool)) throw refusalElsewhere(pool, source.transport);
  const user = await identify({ request, source, pool, mounted, as: 'registrar' }, tools);
  if (user.name !== name) throw new SipRefusal(403, 'Registering for Another Is Not Allowed');
  const registration = readRegistration(request, nameOfDestination(source), tools.lives);
  const plan = await mounted.bindings.submit({ userId: user.id, registration });
  if (!mounted.isLive()) throw unknownOutcome('the right to serve this pool ended meanwhile');
  const { bindings, put } = doneOf(plan);
  for (const binding of put) tools.onRegistered({ user, mounted, binding, source });
  return answerRegister(request, {
    bindings,
    put,
    ownRoute: tools.ownRoute(source),
    others: othersOf(pool),
    transport: source.transport,
    nowMs: tools.nowMs(),
    toTag: mintTag(tools.chance),
  });
}

function doneOf(plan: RegistrationPlan | undefined) {
  switch (plan?.kind) {
    case 'done':
      return plan;
    case 'tooMany':
      throw new SipRefusal(403, `At Most ${plan.bindingsMax} Contacts`);
    case 'stale':
      // Section 10.3, step 7: overtaken by a newer one of the same Call-ID, so nothing is changed.
      throw new SipRefusal(500, 'A Newer Registration Was Here First');
    case undefined:
      throw unknownOutcome('the store did not answer for this registration');
  }
}
