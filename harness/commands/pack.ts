/** `pack`: an edition for learners, in a folder of its own; see harness/edition/ for what goes into it. */
import path from 'node:path';
import { writeEdition } from '../edition/write.ts';
import { UsageError } from '../errors.ts';
import type { Command } from './command.ts';

export const command: Command = {
  summary: 'write an edition for learners (for instructors)',
  usage: `npm run pack -- --out DIR

Writes the kit for learners into DIR: without solutions, known-wrong files and the tests of
the harness, and with suites that are bundled and minified. Learners run \`npm ci\` there.
Into an earlier edition it writes what is new, and leaves what a learner has written alone.

The references are part of the minified suites, since performance is measured against them.
Who wants to can read them all the same: your own run with \`npm run grade\` decides.`,
  options: { out: { type: 'string' } },
  run: async (positionals, { out }) => {
    if (typeof out !== 'string' || positionals.length > 0)
      throw new UsageError(`pack takes a folder to write to.\n\n${command.usage}`);
    const folder = path.resolve(out);
    const kept = await writeEdition(folder);
    for (const id of kept) console.log(`${id}: the learner’s file is left as it is`);
    console.log(`An edition for learners is in ${folder}. Next: \`npm ci\` there, then \`npm run next\`.`);
    return 0;
  },
};
