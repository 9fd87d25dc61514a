/**
 * From a stack as the child saw it to a line of the subject as its author sees it.
 *
 * Types are erased before a module runs, so lines may differ; vite keeps a source map of each module.
 */
import { parseErrorStacktrace } from '@vitest/utils/source-map';
import type { Vitest } from 'vitest/node';
import type { Location } from './events.ts';
import type { Subject } from './subject.ts';

export type Locate = (stack: string) => { at?: Location };

export function locator(vitest: Vitest, subject: Subject): Locate {
  return (stack) => {
    const frames = parseErrorStacktrace({ stack } as Parameters<typeof parseErrorStacktrace>[0], {
      getSourceMap: (file) => vitest.vite.environments.ssr.moduleGraph.getModuleById(file)?.transformResult?.map,
    });
    const frame = frames.find(({ file }) => subject.sources.has(withoutQuery(file)));
    if (!frame) return {};
    return { at: { file: withoutQuery(frame.file), line: frame.line, column: frame.column } };
  };
}

function withoutQuery(file: string): string {
  return file.replace(/\?.*$/, '');
}
