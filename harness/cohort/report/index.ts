/**
 * Writes what is made of a graded cohort into a folder: the page for the instructor, and the exports.
 *
 * Reads references, stubs and lists of cases; all that renders is pure. Files are written part by part, so that a
 * large cohort is never in memory as text.
 */
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Exercise, loadManifest } from '../../manifest.ts';
import { plannedCases } from '../../plan.ts';
import { autogradingConfig, classroomResult, reporterEnv } from '../exports/classroom.ts';
import { csv } from '../exports/csv.ts';
import { exercism } from '../exports/exercism.ts';
import { gradescope } from '../exports/gradescope.ts';
import { cohortJunit } from '../exports/junit.ts';
import type { Cohort } from '../results.ts';
import { type Row, rowsOf } from '../score.ts';
import { type Material, modelOf } from './model.ts';
import { reportPage } from './page.ts';

/** Returns what was written, relative to `out`; folders end with a slash. */
export async function writeReport(cohort: Cohort, out: string, exercises = loadManifest()): Promise<string[]> {
  const materials = cohort.exercises.map((one) => materialOf(one, exercises));
  mkdirSync(out, { recursive: true });
  writeParts(path.join(out, 'index.html'), reportPage(modelOf(cohort, materials)));
  writeFileSync(path.join(out, 'results.csv'), csv(cohort));
  writeParts(path.join(out, 'junit.xml'), cohortJunit(cohort));
  writeJson(path.join(out, 'classroom/autograding.json'), autogradingConfig(cohort));
  for (const row of rowsOf(cohort)) writeFor(row, cohort, materials, out);
  return ['index.html', 'results.csv', 'junit.xml', 'classroom/', 'gradescope/', 'exercism/'];
}

/** The formats that want files of their own for each learner. */
function writeFor(row: Row, cohort: Cohort, materials: Material[], out: string): void {
  // Safe as a file name, by the contract of results.ts.
  const name = row.learner.id;
  const jobs = row.jobs.flatMap((job) => job ?? []);
  writeJson(path.join(out, 'gradescope', name, 'results.json'), gradescope(cohort, row));
  for (const job of jobs) {
    writeJson(path.join(out, 'classroom', name, `${job.exercise}.json`), classroomResult(job));
    const planned = materials.find(({ id }) => id === job.exercise)?.planned;
    writeJson(path.join(out, 'exercism', name, job.exercise, 'results.json'), exercism(job, planned));
  }
  if (jobs.length > 0) writeFileSync(path.join(out, 'classroom', name, 'results.env'), reporterEnv(jobs));
}

function materialOf({ id, title, file }: Cohort['exercises'][0], exercises: Exercise[]): Material {
  const found = exercises.find((exercise) => exercise.id === id);
  if (!found) return { id, title, file, planned: [] };
  const reference = textOf(found.reference);
  const stub = textOf(found.stub);
  return {
    id,
    title,
    file,
    planned: plannedCases(found),
    ...(reference !== undefined && { reference }),
    ...(stub !== undefined && { stub }),
  };
}

function textOf(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

function writeJson(file: string, value: unknown): void {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(value));
}

function writeParts(file: string, parts: Iterable<string>): void {
  const descriptor = openSync(file, 'w');
  try {
    for (const part of parts) writeFileSync(descriptor, part);
  } finally {
    closeSync(descriptor);
  }
}
