import { byId } from './element.js';

/**
 * Takes the token from the fragment of the address (`#token=...`), which no server and no log ever sees, out of the
 * address bar and the history, and shows it to the device.
 */
export async function takeTokenOfAddress(): Promise<void> {
  const token = new URLSearchParams(location.hash.slice(1)).get('token');
  if (token === null) {
    return;
  }
  history.replaceState(null, '', location.pathname + location.search);
  await showToken(token);
}

/** The question that waits for an answer: a token may be renewed more than once. */
let asking = new AbortController();

/** Asks the reader for the token until it is the right one, and then calls back. */
export function askForToken(welcome: () => void): void {
  asking.abort();
  asking = new AbortController();
  const form = byId('login', HTMLFormElement);
  const field = byId('token', HTMLInputElement);
  const refused = byId('refused', HTMLParagraphElement);
  byId('main', HTMLElement).hidden = true;
  form.hidden = false;
  field.focus();
  const answer = async (): Promise<void> => {
    refused.textContent = '';
    if (!(await showToken(field.value))) {
      refused.textContent = 'This is not the token of this device.';
      field.select();
      return;
    }
    field.value = '';
    form.hidden = true;
    byId('main', HTMLElement).hidden = false;
    welcome();
  };
  form.addEventListener(
    'submit',
    (event) => {
      event.preventDefault();
      void answer();
    },
    { signal: asking.signal },
  );
}

async function showToken(token: string): Promise<boolean> {
  try {
    const { ok } = await fetch('session', { method: 'POST', body: token });
    return ok;
  } catch {
    return false;
  }
}
