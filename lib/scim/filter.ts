import { isPlainText } from "@/lib/plain-text";
import { ScimRefusal } from "./scim-refusal";
import { URN } from "./urns";

const FILTER_CHARACTERS_MAX = 1_000;
const CLAUSES_MAX = 10;

/** One comparison of a filter. */
export type Clause = {
  /** In lower case, without the core schemas' names; the extension's attributes begin with `enterprise.`. */
  readonly attribute: string;
  readonly operator: "eq" | "co";
  readonly value: string | boolean;
};

const refuse = (why: string): never => {
  throw new ScimRefusal("invalidFilter", why);
};

const isSpace = (character: string | undefined) => character === " ";
const isWordEnd = (character: string | undefined) => character === undefined || isSpace(character);

/** An attribute as a path, whichever way its schema is spelled. */
export function toAttribute(path: string): string {
  const text = path.toLowerCase();
  for (const core of [URN.user, URN.group]) {
    if (text.startsWith(`${core.toLowerCase()}:`)) return text.slice(core.length + 1);
  }
  const extension = URN.enterprise.toLowerCase();
  if (text === extension) return "enterprise";
  return text.startsWith(`${extension}:`) ? `enterprise.${text.slice(extension.length + 1)}` : text;
}

/** Reads one word after another; a text in quotation marks is one word with its marks. */
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

/** A value as JSON has it; numbers and null compare with nothing that we have. */
function valueOf(word: string): string | boolean {
  if (word === "true" || word === "false") return word === "true";
  if (!word.startsWith('"')) return refuse("a value is neither a text in quotation marks nor true or false");
  try {
    const value: unknown = JSON.parse(word);
    if (typeof value === "string" && isPlainText(value)) return value;
  } catch {
    // Said below
  }
  return refuse("a text isn't one as JSON has them");
}

function clauseOf(attribute: string, operator: string | null, value: string | null): Clause {
  const name = operator?.toLowerCase();
  if (name !== "eq" && name !== "co") return refuse("eq, co and and are supported");
  if (value === null) return refuse("a comparison has no value");
  return { attribute: toAttribute(attribute), operator: name, value: valueOf(value) };
}

/**
 * Reads a filter of comparisons that all have to hold. Nothing of what somebody sent becomes a regular expression (S26).
 *
 * @throws {ScimRefusal} `invalidFilter` for what isn't one, and for `or`, `not`, brackets and other operators
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
