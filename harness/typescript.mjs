/**
 * Makes older versions of Node run TypeScript, as they do by themselves from 22.18 on: `node --import` it.
 *
 * Only the kit's own files pass through here. tsx would also rewrite and map all that vitest and vite are made of,
 * which takes a third of the time in which a command starts.
 */
import { register } from 'node:module';

if (!process.features.typescript) {
  process.setSourceMapsEnabled(true);
  register('./typescript-hooks.mjs', import.meta.url);
}
