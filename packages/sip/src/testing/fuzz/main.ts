import { parseArgs } from 'node:util';
import { openAttackedServer } from './attacked-server.ts';

// The test's attack for as long as wanted: `npm run fuzz -- --seconds 600 --seed 1`. It ends with
// the first thing that is wrong and the seed that brings it back, or with what it has seen.

const blowsBetweenLooks = 500;
const sayEveryMs = 10_000;
/** What a process may grow by once it is warm; compiled code and its collector's habits. */
const growthBytesMax = 64 * 1024 * 1024;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '60' },
      seed: { type: 'string', default: '1' },
    },
  });
  const [seconds, first] = [Number(values.seconds), Number(values.seed)];
  if (!(seconds > 0) || !Number.isSafeInteger(first)) {
    throw new Error('--seconds is a number above 0, --seed a whole number');
  }
  await using server = await openAttackedServer();
  const [begunMs, endMs] = [performance.now(), performance.now() + seconds * 1_000];
  let [seed, saidMs, warmBytes] = [first, begunMs, Number.POSITIVE_INFINITY];
  while (performance.now() < endMs) {
    try {
      for (let count = 0; count < blowsBetweenLooks; count += 1, seed += 1) {
        await server.attack(seed);
      }
      await server.settle();
      await server.answers();
    } catch (error) {
      throw new Error(`seed ${seed} of those since ${first}: ${String(error)}`, { cause: error });
    }
    const { heapUsed } = process.memoryUsage();
    const isWarm = performance.now() - begunMs > (endMs - begunMs) / 4;
    if (!isWarm || warmBytes === Number.POSITIVE_INFINITY) warmBytes = heapUsed;
    if (heapUsed - warmBytes > growthBytesMax) {
      throw new Error(`seed ${seed}: it grows: ${megabytes(warmBytes)} to ${megabytes(heapUsed)}`);
    }
    if (performance.now() - saidMs < sayEveryMs) continue;
    saidMs = performance.now();
    console.log(`${seed - first} blows, ${megabytes(heapUsed)} of heap`);
  }
  console.log(`${seed - first} blows from seed ${first}: nothing fell, hung or grew`);
  console.log(`the most that was held at a time: ${JSON.stringify(server.most)}`);
}

const megabytes = (bytes: number) => `${Math.round(bytes / 1024 / 1024)} MB`;

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
