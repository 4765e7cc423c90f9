import type { TestContext } from 'node:test';
import { chromium, type Page } from 'playwright-core';
import { needsProgram } from './requirement.js';

const program = '/usr/bin/chromium';

/** `skip` option of a test that needs a real browser. */
export function needsBrowser(): string | false {
  return needsProgram(program, 'chromium');
}

/** A page of Chromium, with what it complains of; gone when the test is over. */
export async function openPage(t: TestContext): Promise<{ page: Page; complaints: string[] }> {
  const browser = await chromium.launch({
    executablePath: program,
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
    timeout: 300_000,
  });
  t.after(() => browser.close());
  const context = await browser.newContext({ viewport: { width: 1200, height: 800 } });
  const page = await context.newPage();
  // Nothing here is judged by time: the machine may be busy.
  page.setDefaultTimeout(300_000);
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') {
      complaints.push(message.text());
    }
  });
  return { page, complaints };
}
