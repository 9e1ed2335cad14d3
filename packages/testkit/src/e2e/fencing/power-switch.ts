import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { deploymentPaths } from '@understudy/api';
import { killServer } from '@understudy/drill';
import { toldToFence } from './env.ts';

// The fencing command of the tests: it ends every process of the servers that it is told, as a
// power switch would, and says so. `node power-switch.js FOLDER`; the test leaves there what the
// switch knows of its machines, and it notes there each time that it was used.

const [, , folder = ''] = process.argv;
const { site, servers, run } = toldToFence;
const { dataDir, stores } = JSON.parse(readFileSync(`${folder}/machines.json`, 'utf8')) as {
  readonly dataDir: string;
  readonly stores: Readonly<Record<string, readonly string[]>>;
};

appendFileSync(`${folder}/used.log`, `${site} ${servers.join(' ')} for ${run}\n`);
if (existsSync(`${folder}/is-broken`)) {
  process.stdout.write('the switch does not answer\n');
  process.exit(1);
}
for (const server of servers) {
  const paths = deploymentPaths(dataDir).server(server);
  await killServer({ paths, stores: stores[server] ?? [] });
  process.stdout.write(`power of ${server} is off\n`);
}
