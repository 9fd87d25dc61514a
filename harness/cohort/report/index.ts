/**
 * Writes what is made of a graded cohort into a folder: the page for the instructor, and the exports.
 *
 * Reads references, stubs and lists of cases; all that renders is pure. Files are written part by part, so that a
 * large cohort is never in memory as text.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Exercise, loadManifest } from '../../manifest.ts';
import { plannedCases } from '../../plan.ts';
import { makeFolder, writeAtomically } from '../../write.ts';
import { autogradingConfig, classroomResult, reporterEnv } from '../exports/classroom.ts';
import { csv } from '../exports/csv.ts';
import { exercism } from '../exports/exercism.ts';
import { gradescope } from '../exports/gradescope.ts';
import { cohortJunit } from '../exports/junit.ts';
import type { Cohort } from '../results.ts';
import { type Row, rowsOf } from '../score.ts';
import { type Material, modelOf } from './model.ts';
import { reportPage } from './page.ts';

/** index.html, results.csv, junit.xml, and the folders classroom, gradescope and exercism. */
export function writeReport(cohort: Cohort, out: string, exercises = loadManifest()): void {
  const materials = cohort.exercises.map((one) => materialOf(one, exercises));
  writeAtomically(path.join(out, 'index.html'), reportPage(modelOf(cohort, materials)));
  writeAtomically(path.join(out, 'results.csv'), csv(cohort));
  writeAtomically(path.join(out, 'junit.xml'), cohortJunit(cohort));
  // Where a repository has it. No learner's name begins with a dot.
  write(path.join(out, 'classroom/.github/classroom/autograding.json'), JSON.stringify(autogradingConfig(cohort)));
  for (const row of rowsOf(cohort)) writeFor(row, cohort, materials, out);
}

/** The formats that want files of their own for each learner. */
function writeFor(row: Row, cohort: Cohort, materials: Material[], out: string): void {
  // Safe as a file name, by the contract of results.ts.
  const name = row.learner.id;
  const jobs = row.jobs.flatMap((job) => job ?? []);
  write(path.join(out, 'gradescope', name, 'results.json'), JSON.stringify(gradescope(cohort, row)));
  for (const job of jobs) {
    write(path.join(out, 'classroom', name, `${job.exercise}.json`), JSON.stringify(classroomResult(job)));
    const planned = materials.find(({ id }) => id === job.exercise)?.planned;
    write(path.join(out, 'exercism', name, job.exercise, 'results.json'), JSON.stringify(exercism(job, planned)));
  }
  if (jobs.length > 0) write(path.join(out, 'classroom', name, 'results.env'), reporterEnv(jobs));
}

function materialOf({ id, title }: Cohort['exercises'][0], exercises: Exercise[]): Material {
  const found = exercises.find((exercise) => exercise.id === id);
  if (!found) return { id, title, planned: [] };
  const reference = textOf(found.reference);
  const stub = textOf(found.stub);
  return {
    id,
    title,
    planned: plannedCases(found),
    ...(reference !== undefined && { reference }),
    ...(stub !== undefined && { stub }),
  };
}

function textOf(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

/** Not synced one by one: there are hundreds, and the next run writes them again. */
function write(file: string, text: string): void {
  makeFolder(path.dirname(file));
  writeFileSync(file, text);
}
