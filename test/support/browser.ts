import type { TestContext } from 'node:test';
import { chromium, type Page } from 'playwright-core';
import { awaited, longestWaitMs } from './awaited.js';
import { needsProgram } from './requirement.js';

const program = '/usr/bin/chromium';

/** `skip` option of a test that needs a real browser. */
export function needsBrowser(): string | false {
  return needsProgram(program, 'chromium');
}

/** A page of Chromium, with what it complains of; gone when the test is over. */
export async function openPage(t: TestContext): Promise<{ page: Page; complaints: string[] }> {
  const server = await chromium.launchServer({
    executablePath: program,
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
    timeout: longestWaitMs,
  });
  // A browser that does not answer cannot be asked to close either.
  t.after(() => server.kill());
  const browser = await chromium.connect(server.wsEndpoint(), { timeout: longestWaitMs });
  const opened = browser.newContext({ viewport: { width: 1200, height: 800 } });
  const context = await awaited('a window of Chromium', opened);
  // Nothing here is judged by time: the machine may be busy. It holds for each page of the window.
  context.setDefaultTimeout(longestWaitMs);
  const page = await awaited('a page of Chromium', context.newPage());
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') {
      complaints.push(message.text());
    }
  });
  return { page, complaints };
}
