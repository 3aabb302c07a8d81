/** No syllable begins with I, U or V. */
const LETTERS = "ABCDEFGHJKLMNOPQRSTWXYZ";
/** Those that everyday text is written with; rarer ones have no place among the syllables. */
const HAN = /^[\u4E00-\u9FFF]$/;

const collator = new Intl.Collator("zh-Hans-u-co-pinyin");

/**
 * Where a letter's syllables begin in the order by pinyin. ICU, which orders text in browsers, has put these marks
 * there for the letters beside an address book (CLDR, "collation indexes").
 */
const markOf = (letter: string) => `\uFDD0${letter}`;

/** Whether this browser's order has the marks; without them letters find Latin names only. */
const hasMarks = collator.compare("阿", markOf("B")) < 0 && collator.compare("做", markOf("Z")) > 0;

const known = new Map<string, string | null>();

function find(character: string): string | null {
  if (!hasMarks || !HAN.test(character)) return null;
  let initial: string | null = null;
  for (const letter of LETTERS) {
    if (collator.compare(character, markOf(letter)) < 0) break;
    initial = letter.toLowerCase();
  }
  return initial;
}

/**
 * The letter that a Han character's pinyin begins with, `x` for 销. Of a character with several readings that of its
 * place in the order: `z` for 重.
 */
export function pinyinInitial(character: string): string | null {
  const before = known.get(character);
  if (before !== undefined) return before;
  const initial = find(character);
  known.set(character, initial);
  return initial;
}
