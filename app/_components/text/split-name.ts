import { hasHidden, isHiddenAt } from "@/lib/hidden-characters";

export type NamePart = { readonly kind: "text" | "hit" | "hidden"; readonly text: string };

/**
 * Returns the indexes in `name` that match `query`, ignoring case. A name whose lower case has another length matches
 * nothing, because its indexes would not fit.
 */
function hitIndexes(name: string, query: string): Set<number> {
  const places = new Set<number>();
  const [text, wanted] = [name.toLowerCase(), query.toLowerCase()];
  if (wanted === "" || text.length !== name.length) return places;
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + wanted.length)) {
    for (let index = at; index < at + wanted.length; index++) places.add(index);
  }
  return places;
}

/** Splits a name into plain text, search hits and hidden characters. */
export function splitName(name: string, query = ""): NamePart[] {
  if (query === "" && !hasHidden(name)) return [{ kind: "text", text: name }];
  const hits = hitIndexes(name, query);
  const characters = Array.from(name);
  const parts: NamePart[] = [];
  let place = 0;
  for (const [index, text] of characters.entries()) {
    const isMarked = isHiddenAt(characters, index);
    const kind = isMarked ? "hidden" : hits.has(place) ? "hit" : "text";
    const last = parts.at(-1);
    if (last?.kind === kind && !isMarked) parts[parts.length - 1] = { kind, text: last.text + text };
    else parts.push({ kind, text });
    place += text.length;
  }
  return parts;
}

/** Formats a character as its code point: `U+202E`. */
export const codePointText = (character: string): string =>
  `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;

/** Returns a name as plain text, with hidden characters as code points (S25). */
export function plainTextName(name: string, nameless: string): string {
  if (name.trim() === "") return nameless;
  return splitName(name)
    .map(({ kind, text }) => (kind === "hidden" ? `[${codePointText(text)}]` : text))
    .join("");
}
