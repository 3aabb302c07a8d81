import { pinyin, polyphonic } from "pinyin-pro";

/** Maximum of readings per name, the likeliest first. */
const READINGS_MAX = 4;

/** Characters with two readings in everyday use. Other second readings exist in dictionaries only. */
const READ_TWO_WAYS = new Set(
  "乐仇任会便俞冼剥华卜单卒厦参召台叶员圈埔塔夏大天宁宿尉尹干度弹强得恶散数斗晟曲曾朝朴村查柏校桔殷沈泊洗泷济浒涌溪燕瞿石秘种纪繁练缪翟茜著薄藏处行术角解调谌贾费车适逄那都重量长降隗靓露顷颉魏黑",
);

const HAN_RUN = /\p{Script=Han}+/gu;
const IS_HAN = /^\p{Script=Han}/u;
export const NO_WORD = /[^\p{L}\p{N}]+/gu;

type Readable = {
  readonly name: string;
  /** True when the name begins with a surname, which may have a reading of its own: 单 is Shan. */
  readonly isPerson: boolean;
};

/** The reading of a Han character, or a run of other characters unchanged. */
export type Token = { readonly text: string; readonly isHan: boolean };

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
export function readingsOf({ name, isPerson }: Readable): Token[][] {
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
