import type { Log } from '@understudy/ports';

/** Users to whom is sent at once; others get theirs at their next sign-in. */
const deliveriesMax = 200;

/** One delivery a user at a time: two would send everything twice. */
export function createDeliveries(log: Log) {
  const going = new Set<string>();
  return {
    begin: (userId: string, deliver: () => Promise<void>): void => {
      if (going.has(userId) || going.size >= deliveriesMax) return;
      going.add(userId);
      deliver()
        .catch((error: unknown) => log.say('warn', `messages go on waiting: ${String(error)}`))
        .finally(() => going.delete(userId));
    },
  };
}
