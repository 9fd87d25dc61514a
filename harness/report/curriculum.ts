/** The curriculum as a Markdown table, for the README. */
import type { Exercise } from '../manifest.ts';

export const BEGIN = '<!-- curriculum: written by `npm run verify -- --update` -->';
export const END = '<!-- /curriculum -->';

export function curriculumTable(exercises: Exercise[]): string {
  const rows = exercises.map(
    ({ id, title, summary, difficulty, hours }) =>
      `| [${id}](exercises/${id}/README.md) | ${title} | ${summary} | ${'●'.repeat(difficulty)} | ${hours} |`,
  );
  return ['| exercise | title | what you build | difficulty | hours |', '|---|---|---|---|---|', ...rows].join('\n');
}

/** The text with the table between its two marks. Throws if the marks are missing. */
export function withCurriculum(readme: string, exercises: Exercise[]): string {
  const from = readme.indexOf(BEGIN);
  const to = readme.indexOf(END);
  if (from === -1 || to < from) throw new Error(`README.md lacks the marks ${BEGIN} and ${END}`);
  return `${readme.slice(0, from)}${BEGIN}\n\n${curriculumTable(exercises)}\n\n${readme.slice(to)}`;
}
