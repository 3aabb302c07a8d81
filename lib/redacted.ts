const INSPECT = Symbol.for("nodejs.util.inspect.custom");

/** A secret that no log line, error or component payload contains by accident. Only `reveal` returns the value. */
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
