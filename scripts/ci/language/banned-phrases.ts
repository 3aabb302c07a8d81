import type { WrittenText } from "./written-text";

/** Phrases of riddling sentences; each has a plainer form. */
const PHRASE =
  /\b(?:who(?:m|s)?ever|whatever it is|anew|one's|thereof|therein|is another|stands? (?:in )?for|of theirs|what is there|sees? to it that|holds? for|comes? to nothing|any ?more(?! than)|by itself|by themselves)\b/i;
const RULE_NUMBERS = /^(?:S\d+(?:[ ,]+(?:and )?S\d+)* ?:? ?)+/;
/** Words that a sentence may not begin with, because the reader then waits for its subject. Questions may. */
const OPENING =
  /(?:^|[.!?:] (?=[A-Z]))(?:What|Who|Whoever|Whose|Whether|That|Of|So many|One that|The same)\b(?! (?:is|are|does|do|can|should|must|happens)\b[^.]*\?)/;
/** A title continues the name of its unit, so it begins in lower case. */
const TITLE_OPENING = /^(?:what|who|whoever|whose|whether|that|of|so many|one that|the same)\b/i;

/** Returns the banned opening or phrase in a text; `null` if it has none. */
export function bannedIn({ kind, text }: Pick<WrittenText, "kind" | "text">): string | null {
  const plain = text.replaceAll(/`[^`]*`/g, "CODE").replace(RULE_NUMBERS, "");
  const question = kind === "message" || kind === "document" ? plain.replaceAll(/[^.!?]*\?/g, "") : plain;
  if (kind === "message" && !/[.!]$/.test(question)) return PHRASE.exec(plain)?.[0] ?? null;
  const opening = kind === "title" ? TITLE_OPENING.exec(question) : OPENING.exec(question);
  return PHRASE.exec(plain)?.[0] ?? opening?.[0] ?? null;
}
