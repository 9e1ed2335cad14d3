import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SimulatedClock } from '@understudy/ports/fake';
import { inviteClient } from './invite-client.ts';
import { inviteServer } from './invite-server.ts';
import type { Fact, Machine } from './machine.ts';
import { nonInviteClient } from './non-invite-client.ts';
import { nonInviteServer } from './non-invite-server.ts';
import { RunningTransaction } from './running-transaction.ts';
import { defaultTimers, waitMsOf } from './timers.ts';

const machines: readonly Machine[] = [inviteClient, nonInviteClient, inviteServer, nonInviteServer];

/** One run: `fact` is told, `12 ms` passes time; the transcript is what was done, and when. */
async function walk(machine: Machine, script: readonly string[], isReliable = false) {
  const clock = new SimulatedClock(0);
  const transcript: string[] = [];
  const running = new RunningTransaction<string, never>({
    machine,
    clock,
    timers: defaultTimers,
    isReliable,
    act: (deed) => transcript.push(`${clock.bootMs()} ${deed}`),
    onEnd: () => transcript.push(`${clock.bootMs()} end`),
  });
  for (const line of ['started', ...script]) {
    const ms = /^(\d+) ms$/.exec(line)?.[1];
    if (ms === undefined) running.tell(line as Fact);
    else await clock.advance(Number(ms));
  }
  return { transcript, state: running.state };
}

/** Facts that bring a machine from its start to `state`, by the shortest way without a timer. */
function wayTo(machine: Machine, state: string): readonly Fact[] {
  const ways = new Map<string, readonly Fact[]>([[machine.first, []]]);
  for (const [from, way] of ways) {
    for (const [fact, row] of Object.entries(machine.table[from] ?? {})) {
      // A Map grows while it is walked, so this ends with the last state.
      if (!ways.has(row.to)) ways.set(row.to, [...way, fact as Fact]);
    }
  }
  const way = ways.get(state);
  assert.ok(way !== undefined, `${machine.name} never comes to ${state}`);
  return way;
}

for (const machine of machines) {
  test(`${machine.name}: every row of the table does what it says, with its reason`, () => {
    for (const [state, rows] of Object.entries(machine.table)) {
      const way = wayTo(machine, state);
      for (const [fact, row] of Object.entries(rows)) {
        const done: string[] = [];
        const running = new RunningTransaction<string, never>({
          machine,
          clock: new SimulatedClock(0),
          timers: defaultTimers,
          isReliable: false,
          act: (deed) => done.push(deed),
          onEnd: () => done.push('end'),
        });
        for (const step of way) running.tell(step);
        assert.equal(running.state, state);
        done.length = 0;
        running.tell(fact as Fact);
        const deeds = row.actions.filter((action) => !action.startsWith('start '));
        const isOver = Object.keys(machine.table[row.to] ?? {}).length === 0;
        assert.deepEqual(done, [...deeds, ...(isOver ? ['end'] : [])], `${state}, ${fact}`);
        assert.equal(running.state, row.to);
        assert.ok(row.why.length > 0);
      }
    }
  });

  test(`${machine.name}: no state waits for ever, but where its user must act`, () => {
    const mayWait: Record<string, readonly string[]> = {
      'INVITE client': ['initial', 'proceeding'], // Timer C of the proxy (16.6).
      'INVITE server': ['initial', 'trying', 'proceeding'], // The user answers (17.2.1).
    };
    for (const [state, rows] of Object.entries(machine.table)) {
      const hasTimer = Object.entries(rows).some(
        ([fact, row]) => fact.startsWith('timer ') && row.to === 'terminated',
      );
      const mayStand = [...(mayWait[machine.name] ?? ['initial']), 'terminated'].includes(state);
      assert.ok(hasTimer || mayStand, `${machine.name} may stay ${state} for ever`);
    }
  });

  test(`${machine.name}: a timer that a row starts has a row where it leads`, () => {
    for (const rows of Object.values(machine.table)) {
      for (const row of Object.values(rows)) {
        for (const action of row.actions) {
          const timer = /^start (\w+)/.exec(action)?.[1];
          if (timer === undefined) continue;
          const led = machine.table[row.to] ?? {};
          assert.ok(`timer ${timer}` in led, `${machine.name}: ${timer} in ${row.to}`);
        }
      }
    }
  });
}

test('an INVITE without an answer is sent seven times and given up after 64 T1', async () => {
  const { transcript } = await walk(inviteClient, ['40000 ms']);
  const times = [0, 500, 1_500, 3_500, 7_500, 15_500, 31_500];
  assert.deepEqual(transcript, [
    ...times.map((atMs) => `${atMs} sendRequest`),
    '32000 tellTimeout',
    '32000 end',
  ]);
});

test('over a reliable transport an INVITE is sent once and given up as late', async () => {
  const { transcript } = await walk(inviteClient, ['40000 ms'], true);
  assert.deepEqual(transcript, ['0 sendRequest', '32000 tellTimeout', '32000 end']);
});

test('other requests are repeated every T2 at most, also while they are worked on', async () => {
  const { transcript } = await walk(nonInviteClient, ['600 ms', 'provisional', '40000 ms']);
  const sent = transcript.filter((line) => line.endsWith('sendRequest'));
  assert.deepEqual(
    sent.map((line) => Number.parseInt(line, 10)),
    [0, 500, 1_500, 5_500, 9_500, 13_500, 17_500, 21_500, 25_500, 29_500],
  );
  assert.ok(transcript.includes('32000 tellTimeout'));
});

test('a failure is acknowledged each time that it comes, and told once', async () => {
  const script = ['provisional', 'failure', '1000 ms', 'failure', '31500 ms', 'failure'];
  const { transcript } = await walk(inviteClient, script);
  assert.deepEqual(transcript, [
    '0 sendRequest',
    '0 passResponse',
    '0 sendAck',
    '0 passResponse',
    '1000 sendAck',
    '32000 end',
  ]);
  const reliable = await walk(inviteClient, ['failure'], true);
  assert.deepEqual(reliable.transcript.slice(1), ['0 sendAck', '0 passResponse', '0 end']);
});

test('each 2xx of a forked INVITE is told, until timer M', async () => {
  const script = ['success', '31999 ms', 'success', '1 ms', 'success'];
  const { transcript } = await walk(inviteClient, script, true);
  const passed = ['0 passResponse', '31999 passResponse', '32000 end'];
  assert.deepEqual(transcript, ['0 sendRequest', ...passed]);
});

test('a 100 goes out 200 ms after an INVITE, or when that is repeated', async () => {
  const silent = await walk(inviteServer, ['1000 ms', 'request']);
  const pass = '0 passRequest';
  assert.deepEqual(silent.transcript, [pass, '200 sendTrying', '1000 sendLastResponse']);
  const repeated = await walk(inviteServer, ['request', '1000 ms']);
  assert.deepEqual(repeated.transcript, [pass, '0 sendTrying']);
});

test('a failure is repeated until its ACK, at most every T2', async () => {
  const acknowledged = await walk(inviteServer, ['failure', '4000 ms', 'ack', '60000 ms']);
  assert.deepEqual(acknowledged.transcript, [
    '0 passRequest',
    '0 sendResponse',
    '500 sendLastResponse',
    '1500 sendLastResponse',
    '3500 sendLastResponse',
    '9000 end',
  ]);
  const silent = await walk(inviteServer, ['failure', '60000 ms']);
  assert.deepEqual(silent.transcript.slice(-2), ['32000 tellTimeout', '32000 end']);
  const times = silent.transcript
    .filter((line) => line.includes('sendLast'))
    .map(Number.parseFloat);
  assert.deepEqual(times, [500, 1500, 3500, 7500, 11500, 15500, 19500, 23500, 27500, 31500]);
});

test('an INVITE that comes again after a 2xx is absorbed (RFC 6026)', async () => {
  const script = ['success', 'request', '500 ms', 'success', 'ack', '32000 ms'];
  const { transcript } = await walk(inviteServer, script, true);
  assert.deepEqual(transcript, [
    '0 passRequest',
    '0 sendResponse',
    '500 sendResponse',
    '500 passAck',
    '32000 end',
  ]);
});

test('a 100 to another request waits until its client repeats every T2 (RFC 4320)', async () => {
  const late = await walk(nonInviteServer, ['provisional', 'request', '5000 ms', 'request']);
  const pass = '0 passRequest';
  assert.deepEqual(late.transcript, [pass, '3500 sendTrying', '5000 sendLastResponse']);
  const reliable = await walk(nonInviteServer, ['earlyTrying'], true);
  assert.deepEqual(reliable.transcript, [pass, '0 sendResponse']);
});

test('no 408 and nothing late is sent to a request that is not an INVITE (RFC 4320)', async () => {
  const refused = await walk(nonInviteServer, ['timeoutResponse', 'final']);
  assert.deepEqual(refused.transcript, ['0 passRequest', '0 end']);
  const late = await walk(nonInviteServer, ['40000 ms', 'final']);
  assert.deepEqual(late.transcript.slice(-2), ['32000 tellTimeout', '32000 end']);
});

test('the answer to another request is repeated with it, for as long as it may come', async () => {
  const script = ['final', 'request', 'final', '31999 ms', 'request', '1 ms', 'request'];
  const { transcript } = await walk(nonInviteServer, script);
  assert.deepEqual(transcript, [
    '0 passRequest',
    '0 sendResponse',
    '0 sendLastResponse',
    '31999 sendLastResponse',
    '32000 end',
  ]);
  assert.equal((await walk(nonInviteServer, ['final'], true)).state, 'terminated');
});

test('an error of the transport ends a client, and never a server (RFC 6026)', async () => {
  for (const machine of [inviteClient, nonInviteClient]) {
    const { transcript } = await walk(machine, ['transportError']);
    assert.deepEqual(transcript, ['0 sendRequest', '0 tellTransportError', '0 end']);
  }
  const { transcript, state } = await walk(inviteServer, ['failure', 'transportError']);
  assert.equal(transcript.at(-1), '0 tellTransportError');
  assert.equal(state, 'completed');
});

test('D takes at least 32 seconds; on a reliable transport nothing is absorbed', () => {
  const fast = { t1Ms: 10, t2Ms: 40, t4Ms: 50 };
  const use = { startedBefore: 0, settings: fast };
  assert.equal(waitMsOf('D', { ...use, isReliable: false }), 32_000);
  for (const name of ['D', 'I', 'J', 'K'] as const) {
    assert.equal(waitMsOf(name, { ...use, isReliable: true }), 0);
  }
  for (const name of ['A', 'E', 'G'] as const) {
    assert.equal(waitMsOf(name, { ...use, isReliable: true }), undefined);
  }
  for (const name of ['L', 'M'] as const) {
    assert.equal(waitMsOf(name, { ...use, isReliable: true }), 640, 'also on a reliable one');
  }
});
