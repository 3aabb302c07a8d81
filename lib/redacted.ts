const INSPECT = Symbol.for("nodejs.util.inspect.custom");

/**
 * A secret or a token. Its string, JSON and inspect forms are `[redacted]`, so that no log line,
 * error or component payload can carry it by accident; `reveal` is the one door, and easy to search for.
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
