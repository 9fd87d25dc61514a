/** The report as people meet it, in Debian's Chromium. Without it these tests are skipped, and say so. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import axe from 'axe-core';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeReport } from '../../cohort/report/index.ts';
import { madeCohort } from './made-cohort.ts';

const CHROMIUM = '/usr/bin/chromium';
const missing = !existsSync(CHROMIUM);
if (missing) console.warn(`${CHROMIUM} is not there: the report is not looked at in a browser`);

// As text, since the kit's types know no browser.
const OPEN_ALL = "for (const one of document.querySelectorAll('details')) one.open = true";

const EVIL = '<img src=x onerror=document.title=1>\u202e';

describe.skipIf(missing)('in Chromium', { timeout: 120_000 }, () => {
  const out = mkdtempSync(path.join(tmpdir(), 'wirekata-browser-'));
  const url = pathToFileURL(path.join(out, 'index.html')).href;
  let browser: Browser;

  beforeAll(async () => {
    const exercises = ['03-ring-buffer', '08-http1-parser', '13-h2-frames'];
    const text = (i: number) => (i === 1 ? `// </pre><script>document.title = 2</script>${EVIL}` : undefined);
    writeReport(madeCohort({ learners: 6, exercises, names: ['ana', EVIL], text }), out);
    // Chromium's own sandbox cannot start as root; the page comes from this test.
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  }, 120_000);

  afterAll(async () => {
    await browser?.close();
    rmSync(out, { recursive: true });
  });

  /** Opens the report and fails on whatever it asks for besides itself. */
  async function open(width: number, colorScheme: 'light' | 'dark', use: (page: Page) => Promise<void>): Promise<void> {
    const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme });
    const asked: string[] = [];
    const said: string[] = [];
    try {
      const page = await context.newPage();
      page.on('request', (request) => asked.push(request.url()));
      page.on('console', (message) => said.push(message.text()));
      await page.goto(url);
      await use(page);
      expect(asked.filter((one) => one.split('#')[0] !== url)).toEqual([]);
      expect(said).toEqual([]);
    } finally {
      await context.close();
    }
  }

  test('asks for nothing, runs nothing, whatever names and files hold', () =>
    open(1400, 'light', async (page) => {
      expect(await page.title()).toBe('Report on 6 learners');
      expect(await page.locator('script, img, link, iframe').count()).toBe(0);
      expect(await page.getByRole('rowheader').filter({ hasText: '<img src=x' }).count()).toBeGreaterThan(0);
    }));

  test('the matrix has a row for each learner and a column for each exercise', () =>
    open(1400, 'light', async (page) => {
      const matrix = page.locator('table.matrix');
      expect(await matrix.locator('tbody tr').count()).toBe(6);
      expect(await matrix.getByRole('columnheader').allInnerTexts()).toHaveLength(3 + 3);
      const words = (await matrix.locator('td.verdict').allInnerTexts()).map((text) => text.split('\n').at(-1));
      expect(words).toContain('solved');
      expect(words).toContain('failed');
      expect(words.every((word) => /^[a-z ]+$/.test(word!))).toBe(true);
    }));

  test('the keyboard reaches the learners: skip link first, then a cell, then its failures', () =>
    open(1400, 'light', async (page) => {
      await page.keyboard.press('Tab');
      const skip = page.locator('a.skip');
      expect(await page.evaluate('document.activeElement.className')).toBe('skip');
      expect((await skip.boundingBox())!.x).toBeGreaterThanOrEqual(0);
      await page.keyboard.press('Enter');
      expect(page.url()).toMatch(/#content$/);
      await tabTo(page, 'table.matrix tbody tr:nth-child(3) td a');
      await page.keyboard.press('Enter');
      expect(page.url()).toMatch(/#learner-3-/);
      const box = await page.locator(new URL(page.url()).hash).boundingBox();
      expect(box!.y).toBeLessThan(900);
      expect(box!.y).toBeGreaterThan(-1);
    }));

  test('a difference opens and closes by keyboard', () =>
    open(1400, 'light', async (page) => {
      const details = page.locator('details.long').first();
      expect(await details.locator('pre').isVisible()).toBe(false);
      await details.locator('summary').focus();
      await page.keyboard.press('Enter');
      expect(await details.locator('pre').isVisible()).toBe(true);
    }));

  test.each([400, 700, 1400])('nothing runs over the edge of a window of %d pixels', (width) =>
    open(width, 'light', async (page) => {
      await page.evaluate(OPEN_ALL);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    }),
  );

  test.each(['light', 'dark'] as const)('axe finds no fault (contrast, headings, tables, focus): %s', (scheme) =>
    open(1400, scheme, async (page) => {
      await page.evaluate(OPEN_ALL);
      const background = await page.evaluate('getComputedStyle(document.body).backgroundColor');
      expect(background).toBe(scheme === 'dark' ? 'rgb(13, 17, 23)' : 'rgb(255, 255, 255)');
      await page.evaluate(
        "for (const one of document.querySelectorAll('section.learner:nth-of-type(n + 4)')) one.remove()",
      );
      const problems = await axeProblems(page);
      expect(problems).toEqual([]);
    }),
  );

  test('axe would find low contrast and a link without a name', () =>
    open(1400, 'light', async (page) => {
      await page.setContent('<main><h1>a</h1><p style="color:#bbb">grey</p><a href="#"></a></main>');
      expect(await axeProblems(page)).toEqual(expect.arrayContaining(['color-contrast: p', 'link-name: a']));
    }));

  test('on paper failures are open, and what is for the screen is gone', () =>
    open(800, 'light', async (page) => {
      await page.emulateMedia({ media: 'print' });
      expect(await page.locator('nav').first().isVisible()).toBe(false);
      expect(await page.locator('details.long').first().isVisible()).toBe(false);
      const table = page.locator('figcaption table').first();
      expect(await table.isVisible()).toBe(true);
      expect((await page.pdf()).subarray(0, 5).toString()).toBe('%PDF-');
    }));
});

async function tabTo(page: Page, selector: string): Promise<void> {
  for (let i = 0; i < 500; i++) {
    await page.keyboard.press('Tab');
    if (await page.evaluate(`document.activeElement.matches('${selector}')`)) return;
  }
  throw new Error(`500 presses of Tab do not reach ${selector}`);
}

/** Rule and element of each violation. */
async function axeProblems(page: Page): Promise<string[]> {
  // Evaluated by the debugger, not by the page: its policy lets no script run.
  await page.evaluate(axe.source);
  const { violations } = (await page.evaluate('axe.run()')) as Violations;
  return violations.flatMap(({ id, nodes }) => nodes.slice(0, 5).map(({ target }) => `${id}: ${target.join(' ')}`));
}

interface Violations {
  violations: { id: string; nodes: { target: string[] }[] }[];
}
