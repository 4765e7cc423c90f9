/** A queue with two ends in one growing ring: every operation is O(1), and nothing is moved along. */
export class Deque<T> {
  #items: (T | undefined)[] = Array.from({ length: 16 });
  #head = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** The front item; undefined when empty. */
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

  #grow(): void {
    const items: (T | undefined)[] = Array.from({ length: 2 * this.#items.length });
    for (let i = 0; i < this.#length; i += 1) {
      items[i] = this.#items[(this.#head + i) & (this.#items.length - 1)];
    }
    this.#items = items;
    this.#head = 0;
  }
}
