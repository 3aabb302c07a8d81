import { pinyin } from "pinyin-pro";
import { inForm, inPinyinForm, TERM_CHARACTERS_MAX } from "./terms";

/** The last code point: nothing that begins with a text comes after the text and this. */
const LAST = "\u{10FFFF}";
const SEPARATOR = /[/›>]/;
const HAN_RUNS = /\p{Script=Han}+/gu;

/** One way to look for a text: the terms from `from` up to `to`. */
export type Range = {
  readonly from: string;
  readonly to: string;
  /** All of it, where that is more than a term holds. */
  readonly longer: string | null;
  /** What the name has to hold besides, in the form of terms. */
  readonly holds: readonly string[];
};

/** What is looked for in one name. */
export type Wanted = {
  /** As typed, in the form of terms. */
  readonly text: string;
  readonly ranges: readonly Range[];
};

/** What somebody typed, and how it may be meant. */
export type Search = {
  readonly whole: Wanted;
  /** The departments that it may lie in, from the root down, and what is looked for there. */
  readonly path: { readonly above: readonly Wanted[]; readonly last: Wanted } | null;
  /** Whether it is a path for sure; spaces stand in names too. */
  readonly isPath: boolean;
};

export const rangeOf = (text: string, holds: readonly string[] = []): Range => {
  const from = Array.from(text).slice(0, TERM_CHARACTERS_MAX).join("");
  return { from, to: from + LAST, longer: from === text ? null : text, holds };
};

/**
 * The ways to look for a text: as it stands; as pinyin, without what an input method leaves between syllables; and where
 * Han characters stand beside letters, by the pinyin of all of it with those characters in the name.
 */
export function wantedOf(text: string): Wanted {
  const ranges = [rangeOf(text)];
  const compact = inPinyinForm(text);
  if (compact !== "" && compact !== text && /[a-z]/.test(compact)) ranges.push(rangeOf(compact));
  const han = compact.match(HAN_RUNS);
  if (han && /[a-z]/.test(compact)) {
    const read = pinyin(compact, { toneType: "none", v: true, type: "array" }).join("");
    ranges.push(rangeOf(read, han));
  }
  return { text, ranges };
}

/** @returns `null` when nothing is left to look for */
export function parseSearch(typed: string): Search | null {
  const text = inForm(typed);
  if (text === "") return null;
  const isPath = SEPARATOR.test(text);
  const parts = text.split(isPath ? SEPARATOR : " ").flatMap((part) => inForm(part) || []);
  const last = parts.pop();
  const path =
    last !== undefined && (parts.length > 0 || last !== text)
      ? { above: parts.map(wantedOf), last: wantedOf(last) }
      : null;
  return { whole: wantedOf(text), path, isPath };
}
