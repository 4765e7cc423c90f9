import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { linksOf } from '../support/page-links.js';
import { projectFile } from '../support/project.js';

const pages = [
  ...readdirSync(projectFile('.')),
  ...pagesBelow('docs'),
  ...pagesBelow('examples'),
].filter((path) => path.endsWith('.md'));

function pagesBelow(folder: string): string[] {
  return readdirSync(projectFile(folder), { recursive: true, encoding: 'utf8' }).map((path) =>
    join(folder, path),
  );
}

/** The anchors of a page's headings, as GitHub and GitLab make them. */
function anchorsOf(page: string): string[] {
  const text = readFileSync(projectFile(page), 'utf8').replace(/^```[^]*?^```/gm, '');
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replace(/ /g, '-'),
  );
}

describe('documentation', () => {
  const links = pages.flatMap(linksOf);

  test('links only to files and headings that exist', () => {
    assert.ok(links.length > 10);
    const broken = links.filter(
      ({ target, anchor }) =>
        !existsSync(projectFile(target)) || (anchor !== '' && !anchorsOf(target).includes(anchor)),
    );
    assert.deepEqual(broken, []);
  });

  test('names only files that exist', () => {
    const named = /`((?:bench|deploy|docs|examples|native|scripts|src|test)\/[\w./-]+\.[a-z]+)`/g;
    const missing = pages.flatMap((page) =>
      [...readFileSync(projectFile(page), 'utf8').matchAll(named)]
        .map(([, path = '']) => path)
        .filter((path) => !existsSync(projectFile(path)))
        .map((path) => `${page}: ${path}`),
    );
    assert.deepEqual(missing, []);
  });

  test('names only commands of npm that there are', () => {
    const { scripts } = JSON.parse(readFileSync(projectFile('package.json'), 'utf8')) as {
      readonly scripts: Readonly<Record<string, string>>;
    };
    for (const page of pages) {
      const text = readFileSync(projectFile(page), 'utf8');
      for (const [, name = ''] of text.matchAll(/npm run ([\w:-]+)/g)) {
        assert.ok(name in scripts, `${page}: npm run ${name}`);
      }
      for (const [, file = ''] of text.matchAll(/node (scripts\/[\w-]+\.mjs)/g)) {
        assert.ok(existsSync(projectFile(file)), `${page}: ${file}`);
      }
    }
  });
});
