#!/usr/bin/env node
// Entry point of every command. Node runs TypeScript by itself from 22.18 on; before that, tsx does.
if (!process.features.typescript) (await import('tsx/esm/api')).register();
const { main } = await import('./cli.ts');
await main(process.argv.slice(2));
