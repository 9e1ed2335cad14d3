import { once } from 'node:events';
import { Agent } from 'node:http';
import { createInterface } from 'node:readline';
import {
  createPoolClient,
  createProbeLog,
  createWriteLedger,
  createWriter,
  keepTrying,
} from '@understudy/drill';
import { bounds } from '../sites/bounds.ts';
import { aheadOfMonotonicMs, type UsersOrder } from './users-order.ts';

// A program: users who stand at one place, whatever is cut around it. It is told who they are in
// one line, and says each write that is acknowledged to them in another, until its input ends.

const lines = createInterface({ input: process.stdin });
const [line] = (await once(lines, 'line')) as [string];
const { users, aheadMs } = JSON.parse(line) as UsersOrder;
/** The clock of whoever reads this; the monotonic one is the whole machine's. */
const laterMs = aheadMs - aheadOfMonotonicMs();

const pools = [...new Set(users.map(({ user }) => user.pool))];
const agent = new Agent({ keepAlive: true });
const stopping = new AbortController();
lines.once('close', () => stopping.abort());
const pace = { everyMs: bounds.writerEveryMs, refusedPauseMs: bounds.refusedPauseMs };
await Promise.all(
  users.map(({ user, addresses }, index) => {
    const records = {
      probes: createProbeLog(pools),
      ledger: {
        ...createWriteLedger(pools),
        add: (write: Parameters<ReturnType<typeof createWriteLedger>['add']>[0]) => {
          const [startMs, endMs] = [write.startMs + laterMs, write.endMs + laterMs];
          process.stdout.write(`${JSON.stringify({ ...write, startMs, endMs })}\n`);
        },
      },
    };
    const act = createWriter(createPoolClient({ user, addresses, agent }), records);
    return keepTrying(act, { pace, phase: index / users.length, signal: stopping.signal });
  }),
);
process.exit(0);
