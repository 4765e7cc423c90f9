import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { projectFile } from './project.js';

/** A link of a page to a file of the checkout. */
export interface PageLink {
  /** The page, relative to the checkout. */
  readonly page: string;
  /** The linked file or folder, relative to the checkout. */
  readonly target: string;
  /** The heading's anchor within it; empty where there is none. */
  readonly anchor: string;
}

/** The links of a page of Markdown to files of the checkout, those to pictures among them. */
export function linksOf(page: string): PageLink[] {
  const text = readFileSync(projectFile(page), 'utf8').replace(/^```[^]*?^```/gm, '');
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link = '']) => link)
    .filter((link) => !/^[a-z]+:/.test(link))
    .map((link) => {
      const [path = '', anchor = ''] = link.split('#');
      return { page, target: path === '' ? page : normalize(join(dirname(page), path)), anchor };
    });
}
