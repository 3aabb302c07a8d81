import { normalize } from "./normalize-text";
import { readingsOf, type Token } from "./pinyin";

/** The version of the terms. Raising it makes the sweep index every directory again. */
export const FORM = 2;

/** Maximum length of a term. A longer name is found by the first 32 characters from each position. */
export const TERM_CHARACTERS_MAX = 32;
/** Maximum length of a userid, which is never cut. */
const WHOLE_CHARACTERS_MAX = 64;
const SUFFIXES_MAX = 64;

/** Characters whose normal form depends on no neighbor and whose lowercase depends on no locale. */
const PLAIN =
  /^(?:(?!\p{M})[\x20-\x7e\u00b7\u2013\u2014\u2018-\u201d\u2026\u3000-\u303f\u30fb\u30fc\uff01-\uff5e\uac00-\ud7a3\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}])*$/u;

/** Returns whether every substring of the text, once normalized, is a prefix of one of its terms. */
export const isPlain = (text: string): boolean => PLAIN.test(text);

/** Marks a name whose substrings may be missing from its terms, so that a search tests the name itself. */
export const UNSURE = " ";

export type Named = {
  readonly name: string;
  readonly also?: readonly string[];
  /** True when the name begins with a surname, which may have a reading of its own: 单 is Shan. */
  readonly isPerson: boolean;
};

export type Terms = { readonly first: ReadonlySet<string>; readonly inside: ReadonlySet<string> };

class TermList {
  readonly first = new Set<string>();
  readonly inside = new Set<string>();
  readonly #charactersMax: number;

  constructor(charactersMax: number) {
    this.#charactersMax = charactersMax;
  }

  add(parts: readonly string[], isFirst: boolean): void {
    const term = Array.from(parts.join("")).slice(0, this.#charactersMax).join("");
    if (isFirst) this.first.add(term);
    else this.inside.add(term);
  }
}

function addName(list: TermList, name: string): void {
  const characters = Array.from(name);
  for (const [index, character] of characters.slice(0, SUFFIXES_MAX).entries())
    if (character !== " ") list.add(characters.slice(index), index === 0);
}

function addReading(list: TermList, tokens: readonly Token[]): void {
  const lastHan = tokens.findLastIndex(({ isHan }) => isHan);
  for (let start = 0; start <= Math.min(lastHan, SUFFIXES_MAX - 1); start += 1) {
    const rest = tokens.slice(start, start + TERM_CHARACTERS_MAX);
    list.add(
      rest.map(({ text }) => text),
      start === 0,
    );
    // The initial of a single syllable is a prefix of the syllable
    if (rest.length === 1) continue;
    list.add(
      rest.map(({ text, isHan }) => (isHan ? (Array.from(text)[0] ?? "") : text)),
      start === 0,
    );
  }
}

/**
 * Returns an object's terms: its name from each character on, pinyin and initials from each syllable on, other texts.
 */
export function termsOf(named: Named, charactersMax = TERM_CHARACTERS_MAX): Terms {
  const name = normalize(named.name);
  const list = new TermList(charactersMax);
  addName(list, name);
  if (!isPlain(named.name) || Array.from(name).length > SUFFIXES_MAX) list.inside.add(UNSURE);
  for (const tokens of readingsOf({ ...named, name })) addReading(list, tokens);
  for (const text of named.also ?? []) {
    const whole = normalize(text);
    if (whole !== "" && whole.length <= WHOLE_CHARACTERS_MAX) list.first.add(whole);
  }
  return list;
}
