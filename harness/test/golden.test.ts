/**
 * The harness's whole output, for each way in which a run can end, as it is stored in harness/test/golden.
 * `npm run golden` records it anew; read the difference before you commit it.
 */
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { type Choice, check, chooseSubject } from '../check.ts';
import { findExercise, loadManifest, root } from '../manifest.ts';
import { checkedLines } from '../report/checked.ts';
import { makePaint } from '../report/paint.ts';
import { Runner } from '../run/run.ts';

const exercise = findExercise(loadManifest(), 'ring-buffer');
const runner = new Runner();
afterAll(() => runner.close());

const hostile = (name: string): Choice => ({ file: path.join(root, `harness/test/hostile/${name}.ts`) });

/** What differs from run to run: times, rates, intervals. The bars follow from them. And how Node itself died. */
function withoutFigures(text: string): string {
  return text
    .replaceAll(root, '')
    .replace(/\d+\.\d\d s$/gm, 'N s')
    .replace(/\d+ MB resident/g, 'N MB resident')
    .replace(/(│ ----- Native stack trace -----)[\s\S]*?(\n *… )\d+( more lines)/, '$1$2N$3')
    .replace(/^(\s+)(gold|silver|pass)(\s+)\S.*$/gm, '$1gold, silver or pass$3…')
    .replace(/^(\s+)(slow)(\s+)\S.*$/gm, '$1$2$3…');
}

async function outputOf(choice: Choice, performance: boolean, width: number): Promise<string> {
  const checked = await check(runner, exercise, await chooseSubject(exercise, choice), { seed: 1, performance });
  return `${withoutFigures(checkedLines(checked, makePaint(false, width)).join('\n'))}\n`;
}

describe('at 100 columns', () => {
  test.each<[string, Choice, boolean]>([
    ['passing', { as: 'reference' }, true],
    ['slow', hostile('slow-but-right'), true],
    ['not-started', { as: 'stub' }, false],
    ['failing', { wrong: 'write-stops-at-the-end' }, false],
    ['hanging', hostile('loop-in-method'), false],
    ['hanging-at-import', hostile('loop-at-import'), false],
    ['crashing', hostile('abort'), false],
    ['exiting', hostile('exit-in-method'), false],
    ['not-compiling', hostile('half-written'), false],
    ['misnamed', hostile('misnamed-export'), false],
    ['refused', hostile('imports-fs'), false],
    ['tampering', hostile('patches-timers'), false],
    ['forging', hostile('forges-markers'), false],
    ['leaking', hostile('leaves-a-timer'), false],
    ['printing', hostile('prints-garbage'), false],
  ])('%s', async (name, choice, performance) => {
    await expect(await outputOf(choice, performance, 100)).toMatchFileSnapshot(`golden/${name}.txt`);
  });
});

test.each([20, 80])('failing, at %i columns', async (width) => {
  const text = await outputOf({ wrong: 'write-stops-at-the-end' }, false, width);
  await expect(text).toMatchFileSnapshot(`golden/failing-${width}.txt`);
});
