/**
 * `npm run test:nodes [-- 22 24]`: the whole `npm test` on each supported Node, one after the other.
 *
 * The versions come from the npm registry (package `node`); nothing is installed into the project.
 */
import { spawnSync } from 'node:child_process';

const SUPPORTED = ['20', '22', '24', '26'];

const wanted = process.argv.slice(2);
const results = (wanted.length > 0 ? wanted : SUPPORTED).map((version) => {
  const { status } = spawnSync('npx', ['-y', '-p', `node@${version}`, '-c', 'node --version && npm test'], {
    stdio: 'inherit',
  });
  return { version, passed: status === 0 };
});
for (const { version, passed } of results) console.log(`${passed ? '✓' : '✗'} Node ${version}`);
process.exitCode = results.every(({ passed }) => passed) ? 0 : 1;
