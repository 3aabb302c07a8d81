const INSPECT = Symbol.for("nodejs.util.inspect.custom");

/**
 * A secret or a token. Its string, JSON and inspect forms are `[redacted]`, so no log line, error or component payload
 * contains it by accident. Only `reveal` returns the value, which makes every use easy to find.
 */
export class Redacted {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return "[redacted]";
  }

  toJSON(): string {
    return "[redacted]";
  }

  [INSPECT](): string {
    return "[redacted]";
  }
}
