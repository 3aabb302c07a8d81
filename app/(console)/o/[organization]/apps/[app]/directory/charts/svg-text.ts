/** First code point of full-width characters such as Han. */
const WIDE_FROM = 0x2e80;
const LATIN_EM = 0.58;
const widthOf = (character: string): number => ((character.codePointAt(0) ?? 0) >= WIDE_FROM ? 1 : LATIN_EM);

/**
 * Wraps a text into lines, estimating widths without drawing. Text beyond the last line becomes an ellipsis.
 *
 * @param em line width, in em
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
