import { randomUUID } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';

/** RFC 3261, section 17.1.2.2: 64 times T1. */
const answerMs = 32_000;

/** The answer of a server of HOST:PORT to a phone that wants to sign in and says no password. */
export async function askRegister(place: string, user: string): Promise<string> {
  const [host = '', port] = place.split(':');
  const socket = createSocket('udp4');
  try {
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const answered = once(socket, 'message', { signal: AbortSignal.timeout(answerMs) });
    const own = `127.0.0.1:${socket.address().port}`;
    socket.send(registerOf(user, own), Number(port), host);
    const [answer] = (await answered) as [Buffer];
    return answer.toString('utf8');
  } finally {
    socket.close();
  }
}

function registerOf(user: string, own: string): string {
  const address = `<sip:${user}@example.test>`;
  const lines = [
    'REGISTER sip:example.test SIP/2.0',
    `Via: SIP/2.0/UDP ${own};branch=z9hG4bK${randomUUID()};rport`,
    'Max-Forwards: 70',
    `From: ${address};tag=${randomUUID()}`,
    `To: ${address}`,
    `Call-ID: ${randomUUID()}`,
    'CSeq: 1 REGISTER',
    `Contact: <sip:${user}@${own}>`,
    'Content-Length: 0',
  ];
  return `${lines.join('\r\n')}\r\n\r\n`;
}
