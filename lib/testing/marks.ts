import { randomBytes } from "node:crypto";

/** Makes a unique part of a secret to search for later. It has letters and digits only, which JSON, HTML and URLs don't escape. */
export const makeMark = (): string => `m4rk${randomBytes(8).toString("hex")}`;

const GROUP_BYTES = 3;
const GROUP_CHARACTERS = 4;

/** Returns the part of a mark's base64 that is the same in every text with the mark at one of the three byte offsets. */
function base64At(mark: string, offset: number): string {
  const text = Buffer.from("\0".repeat(offset) + mark).toString("base64");
  const end = Math.floor((offset + mark.length) / GROUP_BYTES) * GROUP_CHARACTERS;
  // The first and the last group depend on neighboring bytes. Letters and digits never encode to `+` or `/`.
  return text.slice(offset === 0 ? 0 : GROUP_CHARACTERS, end);
}

/** Returns the forms of a mark in a text: plain, base64 in both alphabets, and hexadecimal, as PostgreSQL shows bytes. */
const spellingsOf = (mark: string): string[] => [
  mark,
  Buffer.from(mark).toString("hex"),
  ...[0, 1, 2].map((offset) => base64At(mark, offset)),
];

/**
 * Returns the names of the marks that a text contains in any form. A report must not contain the marks themselves.
 *
 * @param marks by their names
 */
export function findMarks(text: string, marks: Readonly<Record<string, string>>): string[] {
  const small = text.toLowerCase();
  return Object.entries(marks)
    .filter(([, mark]) =>
      spellingsOf(mark).some((spelling) => text.includes(spelling) || small.includes(spelling)),
    )
    .map(([name]) => name);
}
