/** Which implementation of another exercise a subject is built on: the learner's own once solved, else the reference. */
import { loadManifest } from './manifest.ts';
import type { Progress } from './progress.ts';
import type { ChoosePart } from './run/subject.ts';

export function choosePartFor(progress: Progress): ChoosePart {
  return (exerciseId) => {
    const exercise = loadManifest().find(({ id }) => id === exerciseId);
    if (!exercise) return undefined;
    const own = progress.exercises[exercise.slug]?.solved !== undefined;
    return {
      exercise: exercise.id,
      file: own ? exercise.learner : exercise.reference,
      whose: own ? 'yours' : 'reference',
    };
  };
}
