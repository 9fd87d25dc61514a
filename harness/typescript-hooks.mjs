/** The hook that typescript.mjs registers in front of tsx's; it runs in a thread of Node's own. */
import { readFile } from 'node:fs/promises';

export async function load(url, context, next) {
  if (context.format !== 'module' || !url.includes('/node_modules/')) return next(url, context);
  return { format: 'module', shortCircuit: true, source: await readFile(new URL(url)) };
}
