/** Controls, direction marks, zero-width and filler characters. */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\u115F\u1160\u2800\u3164\uFFA0]/u;

export const hasHidden = (text: string): boolean => HIDDEN.test(text);

export const withoutHidden = (text: string): string =>
  Array.from(text)
    .filter((character) => !HIDDEN.test(character))
    .join("");
