import { pinyin, polyphonic } from "pinyin-pro";

/** The version of the terms. Raising it makes the sweep index every directory again. */
export const FORM = 2;

/** Maximum length of a term. A longer name is found by the first 32 characters from each position. */
export const TERM_CHARACTERS_MAX = 32;
/** Maximum length of a userid, which is never cut. */
const WHOLE_CHARACTERS_MAX = 64;
const SUFFIXES_MAX = 64;
/** Maximum of readings per name, the likeliest first. */
const READINGS_MAX = 4;

/** Characters with two readings in everyday use. Other second readings exist in dictionaries only. */
const READ_TWO_WAYS = new Set(
  "乐仇任会便俞冼剥华卜单卒厦参召台叶员圈埔塔夏大天宁宿尉尹干度弹强得恶散数斗晟曲曾朝朴村查柏校桔殷沈泊洗泷济浒涌溪燕瞿石秘种纪繁练缪翟茜著薄藏处行术角解调谌贾费车适逄那都重量长降隗靓露顷颉魏黑",
);

/** Characters whose normal form depends on no neighbor and whose lowercase depends on no locale. */
const PLAIN =
  /^(?:(?!\p{M})[\x20-\x7e\u00b7\u2013\u2014\u2018-\u201d\u2026\u3000-\u303f\u30fb\u30fc\uff01-\uff5e\uac00-\ud7a3\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}])*$/u;

/** Returns whether every substring of the text, once normalized, is a prefix of one of its terms. */
export const isPlain = (text: string): boolean => PLAIN.test(text);

/** Marks a name whose substrings may be missing from its terms, so that a search tests the name itself. */
export const UNSURE = " ";

const HAN_RUN = /\p{Script=Han}+/gu;
const IS_HAN = /^\p{Script=Han}/u;
const NO_WORD = /[^\p{L}\p{N}]+/gu;

export type Named = {
  readonly name: string;
  readonly also?: readonly string[];
  /** True when the name begins with a surname, which may have a reading of its own: 单 is Shan. */
  readonly isPerson: boolean;
};

export type Terms = { readonly first: ReadonlySet<string>; readonly inside: ReadonlySet<string> };

/** Normalizes a text for comparison: NFKC, lowercase, no zero-width characters, single spaces. */
export const normalize = (text: string): string =>
  text
    .normalize("NFKC")
    .toLowerCase()
    .replaceAll(/\p{Cf}+/gu, "")
    .replaceAll(/[\s\0]+/gu, " ")
    .trim();

/** Normalizes a text as pinyin, without spaces and punctuation: `xi'an`, `xi an` and `xian` become the same. */
export const normalizePinyin = (text: string): string =>
  normalize(text).replaceAll("ü", "v").replaceAll(NO_WORD, "");

/** The reading of a Han character, or a run of other characters unchanged. */
type Token = { readonly text: string; readonly isHan: boolean };

function readRun(run: string, isSurnameFirst: boolean): string[] {
  const characters = Array.from(run);
  const read = pinyin(run, {
    type: "array",
    toneType: "none",
    v: true,
    surname: isSurnameFirst ? "head" : "off",
  });
  // pinyin-pro may return one reading for several characters
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

/** Returns the readings of a name: the one in context first, then those with one character read differently. */
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
