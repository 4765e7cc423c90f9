/** A queue with two ends in a ring that grows: every operation is O(1), and no item is ever moved. */
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

  #grow(): void {
    const items: (T | undefined)[] = Array.from({ length: 2 * this.#items.length });
    for (let i = 0; i < this.#length; i += 1) {
      items[i] = this.#items[(this.#head + i) & (this.#items.length - 1)];
    }
    this.#items = items;
    this.#head = 0;
  }
}
