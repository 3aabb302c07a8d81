import { isPlainText } from "@/lib/plain-text";
import { ScimRefusal } from "./scim-refusal";
import { URN } from "./urns";

const FILTER_CHARACTERS_MAX = 1_000;
const CLAUSES_MAX = 10;

export type Clause = {
  /** In lowercase, without the prefix of the core schemas. The enterprise extension's begin with `enterprise.`. */
  readonly attribute: string;
  readonly operator: "eq" | "co";
  readonly value: string | boolean;
};

const refuse = (why: string): never => {
  throw new ScimRefusal("invalidFilter", why);
};

const isSpace = (character: string | undefined) => character === " ";
const isWordEnd = (character: string | undefined) => character === undefined || isSpace(character);

/** Normalizes an attribute to a path, with or without its schema's URN. */
export function toAttribute(path: string): string {
  const text = path.toLowerCase();
  for (const core of [URN.user, URN.group]) {
    if (text.startsWith(`${core.toLowerCase()}:`)) return text.slice(core.length + 1);
  }
  const extension = URN.enterprise.toLowerCase();
  if (text === extension) return "enterprise";
  return text.startsWith(`${extension}:`) ? `enterprise.${text.slice(extension.length + 1)}` : text;
}

/**
 * Splits a filter into words. A quoted string is one word with its quotation marks.
 *
 * The package scim2-parse-filter (0.2.10) was tried and reads the escapes of a string literally, so a name with a backslash
 * would not be found.
 */
class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** @returns `null` at the end */
  word(): string | null {
    while (isSpace(this.#text[this.#at])) this.#at += 1;
    if (this.#at >= this.#text.length) return null;
    const start = this.#at;
    this.#at = this.#text[start] === '"' ? this.#endOfString(start) : this.#endOfWord(start);
    if (!isWordEnd(this.#text[this.#at])) refuse("a word ends where no space is");
    return this.#text.slice(start, this.#at);
  }

  #endOfWord(start: number): number {
    let at = start;
    while (!isWordEnd(this.#text[at])) at += 1;
    return at;
  }

  #endOfString(start: number): number {
    for (let at = start + 1; at < this.#text.length; at += 1) {
      if (this.#text[at] === "\\") at += 1;
      else if (this.#text[at] === '"') return at + 1;
    }
    return refuse("a text has no end");
  }
}

/** Parses a JSON value. Numbers and null are refused, because no attribute has such values. */
function valueOf(word: string): string | boolean {
  if (word === "true" || word === "false") return word === "true";
  if (!word.startsWith('"')) return refuse("a value is neither a text in quotation marks nor true or false");
  try {
    const value: unknown = JSON.parse(word);
    if (typeof value === "string" && isPlainText(value)) return value;
  } catch {
    // Refused below
  }
  return refuse("a string is not valid JSON");
}

function clauseOf(attribute: string, operator: string | null, value: string | null): Clause {
  const name = operator?.toLowerCase();
  if (name !== "eq" && name !== "co") return refuse("eq, co and and are supported");
  if (value === null) return refuse("a comparison has no value");
  return { attribute: toAttribute(attribute), operator: name, value: valueOf(value) };
}

/**
 * Parses a filter of comparisons joined by `and`. Never builds a regular expression from it (S26).
 *
 * @throws {ScimRefusal} `invalidFilter` for a malformed filter, and for `or`, `not`, brackets and other operators
 * @see https://www.rfc-editor.org/rfc/rfc7644#section-3.4.2.2
 */
export function parseFilter(text: string): Clause[] {
  if (text.length > FILTER_CHARACTERS_MAX) refuse("the filter is too long");
  const reader = new Reader(text);
  const clauses: Clause[] = [];
  for (let attribute = reader.word(); ; attribute = reader.word()) {
    if (attribute === null) return refuse("a comparison is missing");
    clauses.push(clauseOf(attribute, reader.word(), reader.word()));
    if (clauses.length > CLAUSES_MAX) return refuse("there are too many comparisons");
    const joint = reader.word();
    if (joint === null) return clauses;
    if (joint.toLowerCase() !== "and") return refuse("comparisons are joined by and");
  }
}
