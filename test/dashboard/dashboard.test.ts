import assert from 'node:assert/strict';
import { appendFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { awaited } from '../support/awaited.js';
import { Broker, freePort, needsBroker } from '../support/broker.js';
import { needsBrowser, openPage } from '../support/browser.js';
import { Daemon, predictRows, testFolder, writeConfig } from '../support/daemon.js';
import { TestPty } from '../support/pty.js';

const token = 'hush-7f3a';
const rows = Array.from({ length: 60 }, (_, n) => `${100 + 20 * n},${-300 + 15 * n},${900 - n}`);

test(
  'the dashboard shows a live stream, over a restart, to whoever has the token',
  { skip: needsBroker() || needsBrowser(), timeout: 600_000 },
  async (t) => {
    const running = new Set<Daemon>();
    t.after(async () => {
      await Promise.all([...running].map((daemon) => daemon.end('SIGKILL')));
    });
    const folder = testFolder(t);
    const { broker, subscriber } = await Broker.withSubscriber(t, 'lstmd/box/wearer/prediction');
    const pty = new TestPty(t);
    pty.port.plug();
    const publish = '{ events: [{ label: running, on: 0.001, off: 0.0005 }] }';
    // Between rows a browser does what it may take long for; a port that is opened anew meanwhile costs the next row.
    const silenceMs = 600_000;
    const config = writeConfig({
      folder,
      brokerUrl: broker.url,
      link: pty.path,
      silenceMs,
      publish,
    });
    const url = `http://127.0.0.1:${await freePort()}`;
    writeFileSync(join(folder, 'token'), token);
    const { host } = new URL(url);
    appendFileSync(
      config,
      `monitoring: { listen: "${host}", dashboard: true, tokenFile: ${folder}/token }\n`,
    );
    const begin = async (): Promise<Daemon> => {
      const daemon = new Daemon(t, config);
      running.add(daemon);
      await awaited('the daemon to read the port', daemon.logged(/^reading /), () => daemon.text);
      pty.sendBanner();
      return daemon;
    };
    /** What is known of a wait that was given up: how much has come, and the log of the daemon that runs. */
    const seen = (): string =>
      [
        `${subscriber.received.length} rows came back`,
        ...[...running].map((daemon) => daemon.text),
      ].join('\n');
    /** Waits until so many rows are published; one that was under way at a stop may come twice. */
    const published = async (count: number): Promise<void> => {
      const all = subscriber.until(
        (received) => new Set(received.map(({ payload }) => payload)).size >= count,
      );
      await awaited(`${count} published rows`, all, seen);
    };
    const first = await begin();
    const { page, complaints } = await openPage(t);

    // Without the token there is nothing to see, and a wrong one is told.
    await page.goto(url);
    const field = page.getByLabel('Token');
    await field.fill('wrong');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').filter({ hasText: 'not the token' }).waitFor();
    assert.equal(await page.getByRole('main').isVisible(), false);

    // The token of the fragment is out of the address at once.
    await page.goto('about:blank');
    await page.goto(`${url}/#token=${token}`);
    await page.getByText('live', { exact: true }).waitFor();
    assert.equal(page.url(), `${url}/`);
    const [cookie] = await page.context().cookies();
    assert.deepEqual(
      [cookie?.httpOnly, cookie?.sameSite, cookie?.value.includes(token)],
      [true, 'Strict', false],
    );

    // What is shown is what is published.
    const half = rows.length / 2;
    await awaited('the port to take rows', pty.send(rows.slice(0, half)), seen);
    await published(half);
    const outputs = await predictRows(rows.slice(0, half));
    const now = page.locator('.now-value');
    await now.filter({ hasText: (outputs.at(-1) ?? 0).toFixed(3) }).waitFor();
    await page.locator('#log').getByText('running on').waitFor();
    await page.getByText('start: began with a fresh state', { exact: false }).waitFor();
    assert.equal(await page.locator('.tensor canvas').count(), 4, 'h and c of two layers');

    // Whoever cannot see it, or has no mouse, finds the same.
    const plot = page.getByRole('img', { name: /^Probability, last minute\. Now: running 0\./ });
    await plot.waitFor();
    await page.getByRole('img', { name: /^Features, last minute\. Now: x 0\.\d+, y / }).waitFor();
    await page.getByRole('combobox', { name: 'Stream' }).waitFor();
    const pause = page.getByRole('button', { name: 'Pause' });
    await pause.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Resume', pressed: true }).waitFor();
    await page.keyboard.press('Enter');
    const line = page.getByRole('button', { name: 'x', exact: true });
    await line.press('Space');
    assert.equal(await line.getAttribute('aria-pressed'), 'false');
    const namesOfAll = page.evaluate(
      `[...document.querySelectorAll('button, select, input:not([hidden]), canvas[role], [role=img]')]
        .filter((element) => !(element.textContent || element.ariaLabel || element.labels?.length)).length`,
    );
    const unnamed = await awaited('the page to name its controls', namesOfAll, seen);
    assert.equal(unnamed, 0);

    // Another page cannot read it, even in a browser that has the cookie.
    const evil = createServer((_, response) => response.end('<title>evil</title>'));
    evil.listen(0, 'localhost');
    await once(evil, 'listening');
    t.after(() => evil.closeAllConnections());
    t.after(() => evil.close());
    const address = evil.address();
    assert.ok(address !== null && typeof address === 'object');
    const other = await page.context().newPage();
    await other.goto(`http://localhost:${address.port}`);
    const fetched = other.evaluate(
      `fetch('${url}/metrics', { credentials: 'include' }).then((answer) => answer.text(), () => 'refused')`,
    );
    const read = await awaited('an answer to another page', fetched, seen);
    assert.equal(read, 'refused');
    await other.close();

    // It outlives a restart of the daemon, and goes on where the state does.
    assert.deepEqual(
      complaints.filter((text) => !/401|403/.test(text)),
      [],
    );
    assert.equal(await awaited('the first daemon to end', first.end(), seen), 0, first.text);
    await page.getByText('reconnecting').waitFor();
    const second = await begin();
    await page.getByText('live', { exact: true }).waitFor();
    await page.getByText(`resumed after sample ${half}`, { exact: false }).waitFor();
    for (const row of rows.slice(half)) {
      await awaited('the port to take a row', pty.send([row]), seen);
      // As fast as a sensor of 26 Hz: of samples that come at once a line has no width.
      await sleep(38);
    }
    await published(rows.length);
    const last = subscriber.received.at(-1)?.payload ?? '';
    const p = Number(/"running":([\d.e-]+)/.exec(last)?.[1]);
    await now.filter({ hasText: p.toFixed(3) }).waitFor();
    // The plot has something of the colour of its line on it.
    await page.waitForFunction(
      `(() => {
        const canvas = document.querySelector('.plot canvas');
        const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
        let found = 0;
        for (let i = 0; i < data.length; i += 4) {
          const off = Math.abs(data[i] - 11) + Math.abs(data[i + 1] - 110) + Math.abs(data[i + 2] - 153);
          found += data[i + 3] > 128 && off < 120 ? 1 : 0;
        }
        return found > 5;
      })()`,
    );
    assert.equal(await awaited('the second daemon to end', second.end(), seen), 0, second.text);
    assert.doesNotMatch(`${first.text}${second.text}`, new RegExp(token));
  },
);
