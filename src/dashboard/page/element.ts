/**
 * The element of the page with this id.
 *
 * @throws Error where the page has none, or one of another kind
 */
export function byId<T extends HTMLElement>(id: string, kind: new () => T): T {
  const found = document.getElementById(id);
  if (found instanceof kind) {
    return found;
  }
  throw new Error(`the page has no ${kind.name} with the id ${id}`);
}

/** Makes an element with a class and a text. What a device is called is text, and never HTML. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className = '',
  text = '',
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  if (className !== '') {
    made.className = className;
  }
  made.textContent = text;
  return made;
}
