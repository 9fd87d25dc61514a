/** The cohort as JUnit XML: a suite for each learner and exercise. Pure. */
import { junitParts } from '../../report/junit.ts';
import type { Cohort } from '../results.ts';

export function cohortJunit({ jobs }: Cohort): Generator<string> {
  return junitParts(jobs.map(({ learner, exercise, result }) => ({ name: `${learner}.${exercise}`, result })));
}
