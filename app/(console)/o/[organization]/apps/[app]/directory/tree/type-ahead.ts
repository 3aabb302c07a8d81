import { pinyinInitial } from "./pinyin-initial";
import type { Row } from "./tree-rows";

/** Letters that follow each other faster than this are one word. */
const PAUSE_MS = 500;

const fold = (text: string) => text.trimStart().toLowerCase();

function isSameLetter(text: string): boolean {
  const letters = Array.from(text);
  return letters.every((letter) => letter === letters[0]);
}

const IS_LATIN = /^[a-z]/;

/** Whether the name begins so, each Han character also by its pinyin's first letter: 销售 with `xs`. */
function beginsWith(name: string, wanted: string): boolean {
  if (name.startsWith(wanted)) return true;
  if (!IS_LATIN.test(wanted)) return false;
  // By index and without a copy, for one key may ask it of 100,000 names.
  for (let at = 0; at < wanted.length; at++) {
    const character = name.charAt(at);
    if ((pinyinInitial(character) ?? character) !== wanted.charAt(at)) return false;
  }
  return true;
}

/**
 * The next visible department whose name, or the first letters of its pinyin, begin with `text`, after the last row
 * from the first again. One letter, or one letter again and again, goes on from row to row; a word stays on the row
 * that it fits.
 *
 * @returns -1 when there is none
 */
export function findByName(rows: readonly Row[], from: number, text: string): number {
  const goesOn = isSameLetter(text);
  const wanted = fold(goesOn ? (Array.from(text)[0] ?? "") : text);
  if (wanted === "") return -1;
  for (let step = goesOn ? 1 : 0; step < rows.length + (goesOn ? 1 : 0); step++) {
    const index = (from + step) % rows.length;
    const row = rows[index];
    if (row?.kind === "department" && beginsWith(fold(row.name), wanted)) return index;
  }
  return -1;
}

/** Collects what is typed into words. */
export class TypeAhead {
  #text = "";
  #typedAt = -Infinity;

  /** @param now in milliseconds, by any clock */
  add(text: string, now: number): string {
    this.#text = now - this.#typedAt < PAUSE_MS ? this.#text + text : text;
    this.#typedAt = now;
    return this.#text;
  }
}
