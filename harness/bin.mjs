#!/usr/bin/env node
// Entry point of every command.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`wirekata needs Node 20.19 or newer; this is ${process.version}.`);
  process.exit(2);
}
await import('./typescript.mjs');
const { main } = await import('./cli.ts');
await main(process.argv.slice(2));
