import { pinyinInitial } from "./pinyin-initial";
import type { Row } from "./tree-rows";

/** Characters typed within this interval form one word. */
const PAUSE_MS = 500;

const fold = (text: string) => text.trimStart().toLowerCase();

function isSameLetter(text: string): boolean {
  const letters = Array.from(text);
  return letters.every((letter) => letter === letters[0]);
}

const IS_LATIN = /^[a-z]/;

/** Returns whether a name begins with the text. Han characters also match their pinyin initials: 销售 matches `xs`. */
function beginsWith(name: string, prefix: string): boolean {
  if (name.startsWith(prefix)) return true;
  if (!IS_LATIN.test(prefix)) return false;
  // By index and without copies, because one key press can compare 100,000 names.
  for (let at = 0; at < prefix.length; at++) {
    const character = name.charAt(at);
    if ((pinyinInitial(character) ?? character) !== prefix.charAt(at)) return false;
  }
  return true;
}

/**
 * Returns the index of the next visible department whose name or pinyin initials begin with `text`, wrapping around.
 * A single or repeated letter moves on from row to row. A word stays on a row that matches.
 *
 * @returns -1 without a match
 */
export function findByName(rows: readonly Row[], from: number, text: string): number {
  const isRepeat = isSameLetter(text);
  const prefix = fold(isRepeat ? (Array.from(text)[0] ?? "") : text);
  if (prefix === "") return -1;
  for (let step = isRepeat ? 1 : 0; step < rows.length + (isRepeat ? 1 : 0); step++) {
    const index = (from + step) % rows.length;
    const row = rows[index];
    if (row?.kind === "department" && beginsWith(fold(row.name), prefix)) return index;
  }
  return -1;
}

/** Joins keystrokes into words. */
export class TypeAhead {
  #text = "";
  #typedAt = -Infinity;

  /** @param now in milliseconds */
  add(text: string, now: number): string {
    this.#text = now - this.#typedAt < PAUSE_MS ? this.#text + text : text;
    this.#typedAt = now;
    return this.#text;
  }
}
