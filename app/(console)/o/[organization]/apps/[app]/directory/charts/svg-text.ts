import { codePointText, splitName } from "@/app/_components/text/split-name";

/** A name where only text can be drawn: hidden characters by their code (S25). */
export function plainTextName(name: string, nameless: string): string {
  if (name.trim() === "") return nameless;
  return splitName(name)
    .map(({ kind, text }) => (kind === "hidden" ? `[${codePointText(text)}]` : text))
    .join("");
}

/** Han and what else is as wide as it is high. */
const WIDE_FROM = 0x2e80;
const LATIN_EM = 0.58;
const widthOf = (character: string): number => ((character.codePointAt(0) ?? 0) >= WIDE_FROM ? 1 : LATIN_EM);

/**
 * Breaks a text into lines of so many em, as near as can be told without drawing it; what doesn't fit is an ellipsis.
 *
 * @param em the width of a line, in the size of its letters
 */
export function wrapText(text: string, em: number, linesMax: number): string[] {
  const lines = [""];
  let width = 0;
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    const more = Array.from(segment).reduce((widest, one) => Math.max(widest, widthOf(one)), 0);
    const isLast = lines.length === linesMax;
    if (width + more > (isLast ? em - 1 : em)) {
      if (isLast) return [...lines.slice(0, -1), `${lines.at(-1)?.trimEnd() ?? ""}…`];
      lines.push("");
      width = 0;
    }
    lines[lines.length - 1] += segment;
    width += more;
  }
  return lines;
}
