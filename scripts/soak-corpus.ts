/**
 * `npm run soak:corpus [-- --sandbox bwrap|none] [--jobs N]`: the whole hostile corpus as a cohort, each file a learner
 * of its own. Every verdict must be one that the file's header allows. Exit code: 0 if so.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { findExercise, loadManifest } from '../harness/manifest.ts';
import { runGrade } from './cohort/run.ts';
import { complaintAbout, worksFor } from './cohort/works.ts';

const { values } = parseArgs({
  options: { sandbox: { type: 'string', default: 'bwrap' }, jobs: { type: 'string', default: '2' } },
});
const folder = mkdtempSync(path.join(tmpdir(), 'wirekata-corpus-'));
const ring = findExercise(loadManifest(), 'ring-buffer');

try {
  const works = new Map((await worksFor(ring)).hostile.map((work) => [work.name.replace(/^.*:/, ''), work]));
  for (const [learner, { files }] of works) {
    for (const [name, text] of files) {
      const file = path.join(folder, learner, ring.id, name);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
  }
  const submissions = [...works.keys()].map((learner) => path.join(folder, learner));
  const options = ['--only', ring.id, '--seed', '1', '--sandbox', values.sandbox, '--jobs', values.jobs];
  const { cohort, ms, memory } = await runGrade(submissions, path.join(folder, 'report'), options);
  const wrong = cohort.jobs.flatMap(({ learner, result }) => {
    const work = works.get(learner);
    const complaint = work && complaintAbout(ring, work.expected, result);
    return complaint ? [`✗ ${learner}: ${complaint}`] : [];
  });
  for (const line of wrong) console.log(line);
  console.log(`${works.size} files, ${cohort.jobs.length} graded, ${wrong.length} verdicts not as they must be`);
  console.log(
    `${(ms / 1000).toFixed(0)} s; parent at most ${Math.max(...memory).toFixed(0)} MB; sandbox ${values.sandbox}`,
  );
  process.exitCode = wrong.length === 0 && cohort.jobs.length === works.size ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true });
}
