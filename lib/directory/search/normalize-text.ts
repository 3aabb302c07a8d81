import { NO_WORD } from "./pinyin";

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
