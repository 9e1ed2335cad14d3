/** What the queue begins with, and what it falls back to when it is empty again. */
const smallBytes = 4_096;

/**
 * Octets in the order they came, in one growing piece of memory: pushing a message octet by octet
 * costs as much as pushing it at once.
 */
export class ByteQueue {
  #memory = Buffer.allocUnsafe(smallBytes);
  #start = 0;
  #end = 0;

  /** How many octets wait. */
  get length(): number {
    return this.#end - this.#start;
  }

  /** Copies the octets behind those that wait. */
  append(bytes: Uint8Array): void {
    if (this.#memory.length - this.#end < bytes.length) {
      this.#makeRoom(bytes.length);
    }
    this.#memory.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  #makeRoom(more: number): void {
    const length = this.length;
    const size = Math.max(smallBytes, 2 * length, length + more);
    const memory = Buffer.allocUnsafe(size);
    this.#memory.copy(memory, 0, this.#start, this.#end);
    this.#memory = memory;
    this.#start = 0;
    this.#end = length;
  }

  /** All that waits, without a copy: good until the next call of another method. */
  peek(): Buffer {
    return this.#memory.subarray(this.#start, this.#end);
  }

  /** Takes octets off the front, as a copy of their own. */
  take(count: number): Buffer {
    const taken = Buffer.from(this.#memory.subarray(this.#start, this.#start + count));
    this.#start += taken.length;
    if (this.length === 0) {
      this.clear();
    }
    return taken;
  }

  /** Forgets everything, and gives large memory back. */
  clear(): void {
    this.#start = 0;
    this.#end = 0;
    if (this.#memory.length > smallBytes) {
      this.#memory = Buffer.allocUnsafe(smallBytes);
    }
  }
}
