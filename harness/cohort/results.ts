/**
 * The published contract between grading a cohort and everything that is made of it: the page, the exports,
 * the queue. `npm run list -- --schema cohort` prints its JSON Schema.
 */
import { z } from 'zod';
import { resultSchema } from '../report/json.ts';

const exerciseSchema = z.strictObject({
  id: z.string().describe('As in the manifest: 03-ring-buffer.'),
  title: z.string(),
  file: z.string().describe('Name of the learner’s file in the exercise folder.'),
  suite: z.string().describe('Hash of the hidden suite.'),
});

const learnerSchema = z.strictObject({
  id: z
    .string()
    .regex(/^[\p{L}\p{N}_][\p{L}\p{N}._-]*$/u)
    .describe('Unique in the cohort, also where case does not count; safe as a file name.'),
  source: z.string().describe('The argument that it came from.'),
  problem: z.string().optional().describe('Why nothing of it could be graded.'),
});

export const jobSchema = z.strictObject({
  learner: z.string(),
  exercise: z.string(),
  /** Hash of what the result depends on; a job with an equal key is not run again. */
  key: z.string(),
  result: resultSchema,
  /** The graded text, for differences and likeness; absent where it could not be read as text. */
  text: z.string().optional(),
});

export const cohortSchema = z.strictObject({
  schema: z.literal(1),
  kit: z.strictObject({ version: z.string() }),
  node: z.string(),
  seed: z.int(),
  sandbox: z.enum(['bwrap', 'none']),
  startedAt: z.iso.datetime(),
  ms: z.number().min(0).describe('Milliseconds of grading, all jobs added up.'),
  exercises: z.array(exerciseSchema),
  learners: z.array(learnerSchema),
  jobs: z.array(jobSchema).describe('Exercises that a learner does not have are absent.'),
});

export type Job = z.infer<typeof jobSchema>;
export type Cohort = z.infer<typeof cohortSchema>;
