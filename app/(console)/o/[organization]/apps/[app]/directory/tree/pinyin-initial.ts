/** No pinyin syllable begins with I, U or V. */
const LETTERS = "ABCDEFGHJKLMNOPQRSTWXYZ";
/** Common characters. Rarer ones aren't sorted by pinyin. */
const HAN = /^[\u4E00-\u9FFF]$/;

const collator = new Intl.Collator("zh-Hans-u-co-pinyin");

/**
 * Returns the mark that sorts before a letter's first syllable in pinyin order. ICU has these marks for address book
 * indexes (CLDR, "collation indexes").
 */
const indexMark = (letter: string) => `\uFDD0${letter}`;

/** Not every browser's collation has the marks. Without them, letters find Latin names only. */
const hasIndexMarks =
  collator.compare("阿", indexMark("B")) < 0 && collator.compare("做", indexMark("Z")) > 0;

const cache = new Map<string, string | null>();

function find(character: string): string | null {
  if (!hasIndexMarks || !HAN.test(character)) return null;
  let initial: string | null = null;
  for (const letter of LETTERS) {
    if (collator.compare(character, indexMark(letter)) < 0) break;
    initial = letter.toLowerCase();
  }
  return initial;
}

/**
 * Returns the first letter of a Han character's pinyin, `x` for 销; `null` for other characters. A character with
 * several readings gets the letter of its sort position: `z` for 重.
 */
export function pinyinInitial(character: string): string | null {
  const before = cache.get(character);
  if (before !== undefined) return before;
  const initial = find(character);
  cache.set(character, initial);
  return initial;
}
