/** Controls, direction marks, zero-width and filler characters. */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\u115F\u1160\u2800\u3164\uFFA0]/u;

export const hasHidden = (text: string): boolean => HIDDEN.test(text);

export const withoutHidden = (text: string): string =>
  Array.from(text)
    .filter((character) => !HIDDEN.test(character))
    .join("");

const ZERO_WIDTH_JOINER = "\u200D";
const JOINED = /[\p{Extended_Pictographic}\p{Emoji_Modifier}\uFE0F]/u;

/** A joiner inside an emoji is part of the emoji and not a hidden character. */
function isJoiner(characters: readonly string[], index: number): boolean {
  return (
    characters[index] === ZERO_WIDTH_JOINER &&
    JOINED.test(characters[index - 1] ?? "") &&
    JOINED.test(characters[index + 1] ?? "")
  );
}

/** Returns whether a character of a name is shown as its code point, because it would be invisible. */
export const isHiddenAt = (characters: readonly string[], index: number): boolean =>
  hasHidden(characters[index] ?? "") && !isJoiner(characters, index);
