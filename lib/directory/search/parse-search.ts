import { pinyin } from "pinyin-pro";
import { normalize, normalizePinyin } from "./normalize-text";
import { TERM_CHARACTERS_MAX } from "./search-terms";

/** The last code point, which ends the range of all texts with a prefix. */
const LAST = "\u{10FFFF}";
const SEPARATOR = /[/›>]/;
const HAN_RUNS = /\p{Script=Han}+/gu;

export type TermRange = {
  readonly from: string;
  readonly to: string;
  /** The whole text, if it is longer than a term. */
  readonly longer: string | null;
  /** Normalized texts that the name must also contain. */
  readonly contains: readonly string[];
};

export type NameQuery = {
  readonly text: string;
  readonly ranges: readonly TermRange[];
};

export type ParsedSearch = {
  readonly whole: NameQuery;
  /** The parent departments from the root down, and the name to find below them. */
  readonly path: { readonly above: readonly NameQuery[]; readonly last: NameQuery } | null;
  /** True when the text has a path separator. Spaces also occur in names. */
  readonly isPath: boolean;
};

export const rangeOf = (text: string, contains: readonly string[] = []): TermRange => {
  const from = Array.from(text).slice(0, TERM_CHARACTERS_MAX).join("");
  return { from, to: from + LAST, longer: from === text ? null : text, contains };
};

/** Returns the term ranges for a text: itself, as pinyin, and for a mix of Han and letters, the pinyin of the whole. */
export function nameQueryOf(text: string): NameQuery {
  const ranges = [rangeOf(text)];
  const compact = normalizePinyin(text);
  if (compact !== "" && compact !== text && /[a-z]/.test(compact)) ranges.push(rangeOf(compact));
  const han = compact.match(HAN_RUNS);
  if (han && /[a-z]/.test(compact)) {
    const read = pinyin(compact, { toneType: "none", v: true, type: "array" }).join("");
    ranges.push(rangeOf(read, han));
  }
  return { text, ranges };
}

/** Returns `null` for a text without searchable characters. */
export function parseSearch(typed: string): ParsedSearch | null {
  const text = normalize(typed);
  if (text === "") return null;
  const isPath = SEPARATOR.test(text);
  const parts = text.split(isPath ? SEPARATOR : " ").flatMap((part) => normalize(part) || []);
  const last = parts.pop();
  const path =
    last !== undefined && (parts.length > 0 || last !== text)
      ? { above: parts.map(nameQueryOf), last: nameQueryOf(last) }
      : null;
  return { whole: nameQueryOf(text), path, isPath };
}
