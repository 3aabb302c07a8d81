import { pinyin, polyphonic } from "pinyin-pro";

/** Rises when other terms are made of a name: whatever was written before is then written anew. */
export const FORM = 2;

/** What stands in a term; a longer name is found by what it begins with, from each of its places. */
export const TERM_CHARACTERS_MAX = 32;
/** Userids may be so long, and are never cut. */
const WHOLE_CHARACTERS_MAX = 64;
const SUFFIXES_MAX = 64;
/** How a name with several living readings may be read: the likeliest first. */
const READINGS_MAX = 4;

/**
 * Characters that names and everyday words have with two readings, so that people type either. Others have a second
 * one in dictionaries only (中 is never typed as anything but zhong), and would fill the index with what nobody types.
 */
const READ_TWO_WAYS = new Set(
  "乐仇任会便俞冼剥华卜单卒厦参召台叶员圈埔塔夏大天宁宿尉尹干度弹强得恶散数斗晟曲曾朝朴村查柏校桔殷沈泊洗泷济浒涌溪燕瞿石秘种纪繁练缪翟茜著薄藏处行术角解调谌贾费车适逄那都重量长降隗靓露顷颉魏黑",
);

/**
 * Characters each of which stays what it is whatever stands beside it, and of which two are one but for their case only
 * where they have one form: no marks, and no letters that a locale lowers in its own way, but for I, of which the database
 * is asked.
 */
const PLAIN =
  /^(?:(?!\p{M})[\x20-\x7e\u00b7\u2013\u2014\u2018-\u201d\u2026\u3000-\u303f\u30fb\u30fc\uff01-\uff5e\uac00-\ud7a3\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}])*$/u;

/** Of a text that is plain, each part begins a term in its own form, wherever it stands. */
export const isPlain = (text: string): boolean => PLAIN.test(text);

/**
 * The term of a name that may hold something which begins none of its terms, so that it can be looked at all the same.
 * Nothing that is looked for begins with a space.
 */
export const UNSURE = " ";

const HAN_RUN = /\p{Script=Han}+/gu;
const IS_HAN = /^\p{Script=Han}/u;
const NO_WORD = /[^\p{L}\p{N}]+/gu;

/** What searches for a term: the object's name, and what is found whole only, such as its userid. */
export type Named = {
  readonly name: string;
  readonly also?: readonly string[];
  /** Whether the name begins with a surname, which may be read in a way of its own: 单 is Shan. */
  readonly isPerson: boolean;
};

/** Terms by where in the name they begin. */
export type Terms = { readonly first: ReadonlySet<string>; readonly inside: ReadonlySet<string> };

/**
 * The form in which texts are compared: full-width characters as ordinary ones, small letters, one space for several,
 * and nothing of what has no width.
 */
export const inForm = (text: string): string =>
  text
    .normalize("NFKC")
    .toLowerCase()
    .replaceAll(/\p{Cf}+/gu, "")
    .replaceAll(/[\s\0]+/gu, " ")
    .trim();

/** The form without spaces and signs, as pinyin is indexed: `xi'an`, `xi an` and `xian` are one. */
export const inPinyinForm = (text: string): string =>
  inForm(text).replaceAll("ü", "v").replaceAll(NO_WORD, "");

/** A Han character with its reading, or a run of others as it stands. */
type Token = { readonly text: string; readonly isHan: boolean };

function readRun(run: string, isSurnameFirst: boolean): string[] {
  const characters = Array.from(run);
  const read = pinyin(run, {
    type: "array",
    toneType: "none",
    v: true,
    surname: isSurnameFirst ? "head" : "off",
  });
  // One for each character, or they are read one by one
  const readings =
    read.length === characters.length
      ? read
      : characters.map((one) => pinyin(one, { toneType: "none", v: true }));
  return readings.map((reading, index) => (/^[a-z]+$/.test(reading) ? reading : (characters[index] ?? "")));
}

function tokensOf(name: string, isPerson: boolean): Token[] {
  const tokens: Token[] = [];
  let end = 0;
  const addOthers = (text: string) => {
    for (const word of text.split(NO_WORD)) if (word !== "") tokens.push({ text: word, isHan: false });
  };
  for (const { 0: run, index } of name.matchAll(HAN_RUN)) {
    addOthers(name.slice(end, index));
    for (const text of readRun(run, isPerson && index === 0)) tokens.push({ text, isHan: true });
    end = index + run.length;
  }
  addOthers(name.slice(end));
  return tokens;
}

const secondReadings = (character: string): string[] =>
  READ_TWO_WAYS.has(character)
    ? (polyphonic(character, { type: "array", toneType: "none", v: true })[0] ?? [])
    : [];

/** The ways in which a name may be read, by its context first, then with one character read otherwise. */
function readingsOf({ name, isPerson }: Named): Token[][] {
  const likeliest = tokensOf(name, isPerson);
  const readings = [likeliest];
  const han = Array.from(name).filter((character) => IS_HAN.test(character));
  let at = -1;
  likeliest.forEach(({ text, isHan }, index) => {
    if (!isHan) return;
    at += 1;
    for (const other of secondReadings(han[at] ?? "").slice(0, 2)) {
      if (other === text || readings.length >= READINGS_MAX) continue;
      readings.push(likeliest.with(index, { text: other, isHan: true }));
    }
  });
  return readings;
}

/** Collects terms within the bounds. */
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
    // A single letter finds the whole syllable that it begins
    if (rest.length === 1) continue;
    list.add(
      rest.map(({ text, isHan }) => (isHan ? (Array.from(text)[0] ?? "") : text)),
      start === 0,
    );
  }
}

/**
 * What an object is found by: its name from each of its characters, its pinyin and the initials of that from each
 * syllable, and the rest whole. Whatever begins with what was typed is a hit.
 *
 * @param charactersMax of one term
 */
export function termsOf(named: Named, charactersMax = TERM_CHARACTERS_MAX): Terms {
  const name = inForm(named.name);
  const list = new TermList(charactersMax);
  addName(list, name);
  if (!isPlain(named.name) || Array.from(name).length > SUFFIXES_MAX) list.inside.add(UNSURE);
  for (const tokens of readingsOf({ ...named, name })) addReading(list, tokens);
  for (const text of named.also ?? []) {
    const whole = inForm(text);
    if (whole !== "" && whole.length <= WHOLE_CHARACTERS_MAX) list.first.add(whole);
  }
  return list;
}
