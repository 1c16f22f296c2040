/** Writes tests/golden/coinrun.json: `node --import tsx tests/golden/coinrun_write.ts`, after a change that was meant. */
import { writeFileSync } from 'node:fs';
import { playGolden } from '../support/coinrunGolden.ts';

const path = new URL('coinrun.json', import.meta.url);
writeFileSync(path, `${JSON.stringify(playGolden(), null, 2)}\n`);
