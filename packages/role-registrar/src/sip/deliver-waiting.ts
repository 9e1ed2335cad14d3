import {
  buildRequest,
  type Destination,
  headerField,
  mintBranch,
  mintTag,
  type SipRequest,
  type TransactionLayer,
  writeSipDate,
} from '@understudy/sip';
import type { Chance, Log } from '@understudy/ports';
import type { Binding } from '../bindings/binding.ts';
import type { KnownUser } from '../data/known-user.ts';
import type { MountedDataset } from '../data/mounted-dataset.ts';
import { markDelivered, readWaiting, type WaitingMessage } from './waiting-messages.ts';

export type Delivery = {
  readonly user: KnownUser;
  readonly mounted: MountedDataset;
  readonly binding: Binding;
  readonly destination: Destination;
  /** The phone is at another server of the pool, and is reached by its Path. */
  readonly isHanded: boolean;
};

export type DeliveryTools = {
  readonly layer: Pick<TransactionLayer, 'send'>;
  readonly domain: string;
  readonly chance: Chance;
  readonly log: Log;
};

/** Whether anything more is sent is up to the next sign-in; what waits is bounded itself. */
const messagesMax = 2_000;

/**
 * Sends what waits for a user to the phone that has just signed in, in the order of the mailbox.
 * What the phone does not take goes on waiting. A message is sent again where it is unknown
 * whether it was taken (RFC 3428, section 8): its Call-ID stays the same.
 */
export async function deliverWaiting(delivery: Delivery, tools: DeliveryTools): Promise<void> {
  const { user, mounted } = delivery;
  let sent = 0;
  while (sent < messagesMax && mounted.isLive()) {
    const waiting = await readWaiting(mounted, user.id, tools.domain);
    for (const message of waiting) {
      if (!(await isTaken(message, delivery, tools))) return;
      await markDelivered(mounted, message.id);
    }
    if (waiting.length === 0) return;
    sent += waiting.length;
  }
}

function isTaken(
  message: WaitingMessage,
  delivery: Delivery,
  tools: DeliveryTools,
): Promise<boolean> {
  return new Promise((resolve) => {
    try {
      tools.layer.send(requestOf(message, delivery, tools), delivery.destination, {
        onResponse: ({ status }) => {
          if (status >= 200) resolve(status < 300);
        },
        onFailure: () => resolve(false),
      });
    } catch (error) {
      tools.log.say('warn', `a message that waits was not sent: ${String(error)}`);
      resolve(false);
    }
  });
}

function requestOf(
  { id, fromUri, body, contentType, sentAtMs }: WaitingMessage,
  { user, binding, isHanded }: Delivery,
  { chance, domain }: DeliveryTools,
): SipRequest {
  return buildRequest({
    method: 'MESSAGE',
    uri: binding.contact,
    headers: [
      headerField('Via', `SIP/2.0/UDP ${domain};branch=${mintBranch(chance)};rport`),
      headerField('Max-Forwards', '70'),
      headerField('From', `<${fromUri}>;tag=${mintTag(chance)}`),
      headerField('To', `<sip:${encodeURIComponent(user.name)}@${domain}>`),
      headerField('Call-ID', id),
      headerField('CSeq', '1 MESSAGE'),
      headerField('Date', writeSipDate(sentAtMs)),
      headerField('Content-Type', contentType),
      ...(isHanded ? binding.path.map((each) => headerField('Route', each)) : []),
    ],
    body: Buffer.from(body),
  });
}
