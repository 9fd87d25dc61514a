/**
 * The hidden files of one exercise for an edition for learners: suite, performance suite and reference, each
 * bundled into one minified file. What is not minified (stub, list of cases) a learner sees anyway.
 *
 * Names are shortened and comments dropped, but no statement is rewritten: what runs is what the instructor's kit runs.
 */
import path from 'node:path';
import { type Plugin, rolldown } from 'rolldown';
import { type Exercise, root } from '../manifest.ts';
import { PACKED_HASH, suiteHash } from '../suite.ts';

const KIT = path.join(root, 'harness/kit') + path.sep;

/** By name in the packed suite's folder. */
export async function packedSuite(exercise: Exercise): Promise<Map<string, string>> {
  const files = new Map([[PACKED_HASH, `${suiteHash(exercise)}\n`]]);
  const sources: [string, string][] = [
    ['conformance.js', exercise.conformance],
    ['reference.js', exercise.reference],
  ];
  if (exercise.remote) sources.push(['remote.js', exercise.remote.suite], ['program.js', exercise.remote.program]);
  if (exercise.performance.length > 0) sources.push(['performance.js', exercise.performanceSuite]);
  for (const [name, source] of sources) files.set(name, await minified(source));
  return files;
}

async function minified(source: string): Promise<string> {
  const bundle = await rolldown({ input: source, platform: 'node', plugins: [outside] });
  try {
    const { output } = await bundle.generate({
      format: 'esm',
      codeSplitting: false,
      comments: false,
      minify: { compress: false, mangle: true, codegen: { removeWhitespace: true } },
    });
    return output[0].code;
  } finally {
    await bundle.close();
  }
}

/** What stays an import: the subject, and the kit, whose modules the suite shares with the runner. */
const outside: Plugin = {
  name: 'wirekata-outside',
  resolveId(id, importer) {
    if (importer === undefined) return undefined;
    if (id === 'wirekata' || id.startsWith('#')) return { id, external: true };
    const file = path.resolve(path.dirname(importer), id);
    if (!id.startsWith('.') || !file.startsWith(KIT)) return undefined;
    return { id: `../../kit/${path.relative(KIT, file).split(path.sep).join('/')}`, external: true };
  },
};
