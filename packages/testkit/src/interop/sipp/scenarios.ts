// Dialogues as SIPp plays them. Field 0 of its users' file is a name, field 1 the words that make
// SIPp answer a challenge with that user's password, field 2 whom it calls or writes to.

export const scenarioDomain = 'example.test';

type Part = { readonly cseq: number; readonly isAnswered?: boolean };

const head = `<?xml version="1.0" encoding="UTF-8"?>`;
const scenario = (name: string, steps: readonly string[]) =>
  `${head}\n<scenario name="${name}">\n${steps.join('\n')}\n</scenario>\n`;
const send = (lines: readonly string[], retransmission = 'retrans="500"') =>
  `<send ${retransmission}><![CDATA[\n\n${lines.join('\n')}\n\n]]></send>`;
const receive = (words: string) => `<recv ${words}/>`;
const via = 'Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch];rport';
const contact = 'Contact: <sip:[field0]@[local_ip]:[local_port]>';

const parties = (toTag: '' | '[peer_tag_param]' = '') => [
  via,
  'Max-Forwards: 70',
  `From: <sip:[field0]@${scenarioDomain}>;tag=[pid]t[call_number]`,
  `To: <sip:[field2]@${scenarioDomain}>${toTag}`,
  'Call-ID: [call_id]',
];
const answer = ({ isAnswered = false }: Part) => (isAnswered ? ['[field1]'] : []);

const register = (part: Part) =>
  send([
    `REGISTER sip:${scenarioDomain} SIP/2.0`,
    via,
    'Max-Forwards: 70',
    `From: <sip:[field0]@${scenarioDomain}>;tag=[pid]t[call_number]`,
    `To: <sip:[field0]@${scenarioDomain}>`,
    'Call-ID: [call_id]',
    `CSeq: ${part.cseq} REGISTER`,
    contact,
    'Expires: 600',
    ...answer(part),
    'Content-Length: 0',
    '',
  ]);

const challenge = { registrar: 'response="401" auth="true"', proxy: 'response="407" auth="true"' };

/** Challenged, answered, signed in. */
export const signIn = scenario('sign in', [
  register({ cseq: 1 }),
  receive(challenge.registrar),
  register({ cseq: 2, isAnswered: true }),
  receive('response="200"'),
]);

/** With a password that is wrong: challenged again, and not told why. */
export const refusedSignIn = scenario('refused sign in', [
  register({ cseq: 1 }),
  receive(challenge.registrar),
  register({ cseq: 2, isAnswered: true }),
  receive(challenge.registrar),
]);

const voice = [
  'v=0',
  'o=user 1 1 IN IP[local_ip_type] [local_ip]',
  's=-',
  'c=IN IP[media_ip_type] [media_ip]',
  't=0 0',
  'm=audio [media_port] RTP/AVP 0',
  'a=rtpmap:0 PCMU/8000',
];
const withVoice = ['Content-Type: application/sdp', 'Content-Length: [len]', '', ...voice];

const invite = (part: Part) =>
  send([
    `INVITE sip:[field2]@${scenarioDomain} SIP/2.0`,
    ...parties(),
    `CSeq: ${part.cseq} INVITE`,
    contact,
    ...answer(part),
    ...withVoice,
  ]);

const within = (method: string, cseq: number) => [
  `${method} [next_url] SIP/2.0`,
  ...parties('[peer_tag_param]'),
  `CSeq: ${cseq} ${method}`,
  '[routes]',
  'Content-Length: 0',
  '',
];

/** The ACK of a failure is of the transaction of its INVITE (RFC 3261, section 17.1.1.3). */
const ackOfFailure = send(
  [
    `ACK sip:[field2]@${scenarioDomain} SIP/2.0`,
    ...parties('[peer_tag_param]'),
    'CSeq: 1 ACK',
    'Content-Length: 0',
    '',
  ],
  '',
);

/** INVITE, challenged; then it rings, is taken, and is ended by who called. */
export const call = scenario('call', [
  invite({ cseq: 1 }),
  receive('response="100" optional="true"'),
  receive(challenge.proxy),
  ackOfFailure,
  invite({ cseq: 2, isAnswered: true }),
  receive('response="100" optional="true"'),
  receive('response="180"'),
  receive('response="200" rrs="true"'),
  send(within('ACK', 2), ''),
  '<pause milliseconds="300"/>',
  send(within('BYE', 3)),
  receive('response="200"'),
]);

const reply = (status: string, more: readonly string[]) => [
  `SIP/2.0 ${status}`,
  '[last_Via:]',
  '[last_Record-Route:]',
  '[last_From:]',
  '[last_To:];tag=[pid]u[call_number]',
  '[last_Call-ID:]',
  '[last_CSeq:]',
  'Contact: <sip:[local_ip]:[local_port]>',
  ...more,
];

const bare = ['Content-Length: 0', ''];

/** Rings, takes the call, and hears that it is over. */
export const beCalled = scenario('be called', [
  receive('request="INVITE" rrs="true"'),
  send(reply('180 Ringing', bare), ''),
  send(reply('200 OK', withVoice)),
  receive('request="ACK"'),
  receive('request="BYE"'),
  send(
    [
      'SIP/2.0 200 OK',
      '[last_Via:]',
      '[last_From:]',
      '[last_To:]',
      '[last_Call-ID:]',
      '[last_CSeq:]',
      ...bare,
    ],
    '',
  ),
]);

const message = (part: Part) =>
  send([
    `MESSAGE sip:[field2]@${scenarioDomain} SIP/2.0`,
    ...parties(),
    `CSeq: ${part.cseq} MESSAGE`,
    ...answer(part),
    'Content-Type: text/plain',
    'Content-Length: [len]',
    '',
    'message [call_number] of [field0]',
  ]);

const writing = (name: string, status: string) =>
  scenario(name, [
    message({ cseq: 1 }),
    receive(challenge.proxy),
    message({ cseq: 2, isAnswered: true }),
    receive(`response="${status}"`),
  ]);

/** A message to somebody who is signed out: it is kept. */
export const leaveMessage = writing('leave a message', '202');

/** A message to a phone, which has it. */
export const sendMessage = writing('send a message', '200');

/** Takes one message. */
export const takeMessage = scenario('take a message', [
  receive('request="MESSAGE"'),
  send(
    [
      'SIP/2.0 200 OK',
      '[last_Via:]',
      '[last_From:]',
      '[last_To:];tag=[pid]u[call_number]',
      '[last_Call-ID:]',
      '[last_CSeq:]',
      ...bare,
    ],
    '',
  ),
]);
