/**
 * Makes older versions of Node run TypeScript, as they do by themselves from 22.18 on: `node --import` it.
 *
 * tsx does that. Packages go past it: it would rewrite and map every module that vitest and vite are made of, which
 * takes a fifth of the time in which `check` starts.
 */
import { register } from 'node:module';

if (!process.features.typescript) {
  const tsx = await import('tsx/esm/api');
  tsx.register();
  register('./typescript-hooks.mjs', import.meta.url);
}
