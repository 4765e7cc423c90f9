/**
 * A queue with two ends in a ring that grows. At its ends every operation is O(1). Nothing that was taken is reachable through it,
 * also not for V8's collector of new objects. A `Map` is no such queue: each table of a Map refers to the one that replaces it, so
 * that once a table counts as old, all later ones survive, with what was in them, until the old objects are collected.
 */
export class DoubleEndedQueue<T> {
  /** Its length is a power of two, so that an index wraps by a mask. */
  #items: (T | undefined)[] = Array.from({ length: 16 });
  #head = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** The item at the front; undefined when the queue is empty. */
  peekFront(): T | undefined {
    return this.#items[this.#head];
  }

  pushBack(item: T): void {
    if (this.#length === this.#items.length) {
      this.#grow();
    }
    this.#items[(this.#head + this.#length) & (this.#items.length - 1)] = item;
    this.#length += 1;
  }

  pushFront(item: T): void {
    if (this.#length === this.#items.length) {
      this.#grow();
    }
    this.#head = (this.#head - 1) & (this.#items.length - 1);
    this.#items[this.#head] = item;
    this.#length += 1;
  }

  /** Takes the item at the front away; undefined when the queue is empty. */
  popFront(): T | undefined {
    const item = this.#items[this.#head];
    if (this.#length === 0) {
      return undefined;
    }
    this.#items[this.#head] = undefined;
    this.#head = (this.#head + 1) & (this.#items.length - 1);
    this.#length -= 1;
    return item;
  }

  /** Takes the item at the back away; undefined when the queue is empty. */
  popBack(): T | undefined {
    if (this.#length === 0) {
      return undefined;
    }
    this.#length -= 1;
    const place = (this.#head + this.#length) & (this.#items.length - 1);
    const item = this.#items[place];
    this.#items[place] = undefined;
    return item;
  }

  /**
   * Takes an item away, wherever it is; false where it is not there. The others keep their order. It takes O(items before it), as
   * those are what moves: items go mostly in the order in which they came.
   */
  remove(item: T): boolean {
    const mask = this.#items.length - 1;
    for (let place = 0; place < this.#length; place += 1) {
      if (this.#items[(this.#head + place) & mask] === item) {
        for (let gap = place; gap > 0; gap -= 1) {
          this.#items[(this.#head + gap) & mask] = this.#items[(this.#head + gap - 1) & mask];
        }
        this.popFront();
        return true;
      }
    }
    return false;
  }

  #grow(): void {
    const items: (T | undefined)[] = Array.from({ length: 2 * this.#items.length });
    for (let i = 0; i < this.#length; i += 1) {
      items[i] = this.#items[(this.#head + i) & (this.#items.length - 1)];
    }
    this.#items = items;
    this.#head = 0;
  }
}
