// Prints what the house rules refuse, then what they merely ask about.

import { fileURLToPath } from 'node:url';
import { checkHouse } from './check-house.ts';
import { hintSize } from './rules/check-size.ts';
import { formatFinding } from './finding.ts';
import { readTree } from './tree.ts';

const tree = readTree(fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, ''));
const findings = checkHouse(tree);
const hints = hintSize(tree);
for (const hint of hints) console.log(`ask yourself: ${formatFinding(hint)}`);
for (const finding of findings) console.error(`✖ ${formatFinding(finding)}`);
console.log(`${tree.length} files, ${findings.length} refused, ${hints.length} to think about`);
process.exitCode = findings.length > 0 ? 1 : 0;
