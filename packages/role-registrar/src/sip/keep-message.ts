import { messageTextMax } from '@understudy/api';
import {
  callIdOf,
  contentTypeOf,
  cseqOf,
  fromOf,
  type ProxyDecision,
  type SipRequest,
  writeUri,
} from '@understudy/sip';
import { idFrom } from '../data/id-from.ts';
import type { KnownUser } from '../data/known-user.ts';
import type { ServedDataset } from '../limited/served-dataset.ts';

export type MessageToKeep = {
  readonly request: SipRequest;
  /** Absent where a server of another pool has asked: a user of that one. */
  readonly sender: KnownUser | undefined;
  readonly name: string;
  readonly mounted: ServedDataset;
  readonly keepUntilMs: number;
};

/** RFC 3428, section 7: a store of bodies that are text, for a user whom no phone stands for. */
const keptTypes = ['text/plain', 'text/html', 'text/markdown'];

/**
 * Keeps a MESSAGE for the next sign-in of its user and answers 202 once that is durable. The same
 * request again, after a failover too, is kept once: its id grows from what names it (E13).
 */
export async function keepMessage(kept: MessageToKeep): Promise<ProxyDecision> {
  const { request, sender, name, mounted, keepUntilMs } = kept;
  const from = fromOf(request)?.uri;
  const fromUri = from === undefined ? '' : writeUri(from);
  const contentType = contentTypeOf(request) ?? 'text/plain';
  if (!keptTypes.includes(contentType)) {
    return { kind: 'answer', status: 480, reason: 'Not Signed In, and Only Text Is Kept' };
  }
  const body = Buffer.from(request.body).toString('utf8');
  if (body.length > messageTextMax) {
    return {
      kind: 'answer',
      status: 413,
      reason: `Not Signed In, and Text Over ${messageTextMax}`,
    };
  }
  if (body.includes('\0')) return { kind: 'answer', status: 400, reason: 'Text Has No NUL' };
  const answer = await mounted.messages.submit({
    id: idFrom([callIdOf(request), cseqOf(request)?.sequence, fromUri].join('\n')),
    fromUser: sender?.id ?? idFrom(fromUri),
    fromUri,
    toName: name,
    body,
    delivery: { contentType, expiresAtMs: keepUntilMs },
  });
  if (answer?.hasRecipient !== true) return { kind: 'answer', status: 404 };
  if (!answer.hasRoom) return { kind: 'answer', status: 480, reason: 'Too Many Messages Wait' };
  return { kind: 'answer', status: 202 };
}
