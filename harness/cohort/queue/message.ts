/**
 * A job as it travels over a queue. It carries what the learner handed in, so that workers share no disk with the one
 * who grades, and it carries nothing of whose it is: two learners with the same files are one message.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { z } from 'zod';
import { findExercise, loadManifest } from '../../manifest.ts';
import { SANDBOXES, type SandboxName } from '../../run/sandbox.ts';
import { kitVersion, suiteHash } from '../../suite.ts';
import { type JobSpec, submittedFiles } from '../job.ts';

/** Names that lead nowhere but into the folder. */
const fileName = z.string().regex(/^(?!\/)(?!.*(^|\/)\.\.?(\/|$))[^\\\0]+$/);

export const messageSchema = z.strictObject({
  kit: z.string(),
  suite: z.string(),
  sandbox: z.enum(SANDBOXES),
  exercise: z.string(),
  seed: z.int(),
  key: z.string(),
  problem: z.string().optional(),
  files: z.array(z.strictObject({ path: fileName, gzip: z.base64() })),
});

export type Message = z.infer<typeof messageSchema>;

export function toMessage({ exercise, folder, seed, key, problem }: JobSpec, sandbox: SandboxName): Message {
  const files = submittedFiles(folder).map((file) => {
    return { path: file.path, gzip: gzipSync(file.bytes, { level: 1 }).toString('base64') };
  });
  const kit = kitVersion;
  return { kit, suite: suiteOf(exercise), sandbox, exercise, seed, key, ...(problem && { problem }), files };
}

/** Writes the files to a folder. */
export function fromMessage({ exercise, seed, key, problem, files }: Message, folder: string): JobSpec {
  for (const file of files) {
    const target = path.join(folder, file.path);
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, gunzipSync(Buffer.from(file.gzip, 'base64')));
  }
  return { learner: 'learner', exercise, folder, seed, key, ...(problem && { problem }) };
}

/** Why this kit must not grade it, if so: it would not come to the same result, or not in the same safety. */
export function refusalOf({ kit, suite, exercise, sandbox }: Message, own: SandboxName): string | undefined {
  const same = 'Use the same version of the kit on all machines.';
  if (kit !== kitVersion) return `The run that is under way needs kit ${kit}; this is ${kitVersion}. ${same}`;
  if (suite !== suiteOf(exercise)) {
    return `The run that is under way needs suite ${suite} of ${exercise}; here it is ${suiteOf(exercise) ?? 'unknown'}. ${same}`;
  }
  if (sandbox === 'bwrap' && own !== 'bwrap') return 'The run that is under way needs workers with `--sandbox bwrap`.';
  return undefined;
}

function suiteOf(id: string): string {
  return suiteHash(findExercise(loadManifest(), id));
}
