/**
 * The program of a subject's own process (child/host.ts) as one text: with the suite's part of it, the subject exactly
 * as it was inspected, and whatever both import. Its process can then do without files and without a way to ask for any.
 */
import { SourceMap } from 'node:module';
import path from 'node:path';
import { type Plugin, rolldown } from 'rolldown';
import { root } from '../manifest.ts';
import { resolver, type Stage } from './resolver.ts';

const ENTRY = path.join(root, 'harness/run/child/program.ts');
const HOST = path.join(root, 'harness/run/child/host.ts');

/** How Node names a program that it read from its standard input. */
const FROM_INPUT = /\[eval1\]$/;

export interface HostProgram {
  text: string;
  /** The place in the sources of a place in the text; lines and columns count from 1. */
  original(file: string, line: number, column: number): { file: string; line: number; column: number } | undefined;
}

/**
 * With `ticks`, the subject calls a global of this name (loop-lines.ts).
 * Rejects for faults of the kit only: that the subject compiles has been seen before.
 */
export async function bundleProgram(stage: Stage, program: string, ticks?: string): Promise<HostProgram> {
  const bundle = await rolldown({ input: ENTRY, platform: 'node', plugins: [entry(program, ticks), modules(stage)] });
  try {
    const { output } = await bundle.generate({
      format: 'esm',
      codeSplitting: false,
      sourcemap: true,
      sourcemapPathTransform: (source, map) => path.resolve(path.dirname(map), source),
    });
    const { code, map } = output[0];
    const sources = new SourceMap(map as unknown as ConstructorParameters<typeof SourceMap>[0]);
    return { text: code, original: (...at) => originalPlace(sources, ...at) };
  } finally {
    await bundle.close();
  }
}

/** Loads the program, and with it the subject, when the guard stands. */
function entry(program: string, ticks = ''): Plugin {
  const [hostFile, programFile, name] = [HOST, program, ticks].map((text) => JSON.stringify(text));
  const text = `import { host } from ${hostFile};\nhost(() => import(${programFile}), ${name});\n`;
  return {
    name: 'wirekata-entry',
    resolveId: (id) => (id === ENTRY ? id : undefined),
    load: (id) => (id === ENTRY ? text : undefined),
  };
}

/** The names of a run, for another reader of them. What has a query shows no longer by its name what it is. */
function modules(stage: Stage): Plugin {
  const { name, resolveId, load } = resolver(() => stage);
  return {
    name,
    resolveId,
    load(id) {
      const code = load(id);
      return code === undefined ? undefined : { code, moduleType: /\.[cm]?js\?/.test(id) ? 'js' : 'ts' };
    },
  };
}

function originalPlace(map: SourceMap, file: string, line: number, column: number) {
  if (!FROM_INPUT.test(file)) return undefined;
  const entry = map.findEntry(line - 1, column - 1);
  if (!('originalSource' in entry)) return undefined;
  const source = entry.originalSource.replace(/\?[\w-]*$/, '');
  return { file: source, line: entry.originalLine + 1, column: entry.originalColumn + 1 };
}
