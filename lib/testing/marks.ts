import { randomBytes } from "node:crypto";

/** Makes a unique part of a secret to search for, from characters that JSON, HTML and URLs don't escape. */
export const makeMark = (): string => `m4rk${randomBytes(8).toString("hex")}`;

const GROUP_BYTES = 3;
const GROUP_CHARACTERS = 4;

/** Returns the part of a mark's base64 that doesn't depend on its neighbors, for one of the three byte offsets. */
function base64At(mark: string, offset: number): string {
  const text = Buffer.from("\0".repeat(offset) + mark).toString("base64");
  const end = Math.floor((offset + mark.length) / GROUP_BYTES) * GROUP_CHARACTERS;
  // The first and the last group depend on neighboring bytes. Letters and digits never encode to `+` or `/`.
  return text.slice(offset === 0 ? 0 : GROUP_CHARACTERS, end);
}

const spellingsOf = (mark: string): string[] => [
  mark,
  Buffer.from(mark).toString("hex"),
  ...[0, 1, 2].map((offset) => base64At(mark, offset)),
];

/**
 * Returns the names of the marks that a text contains: plain, in base64, or in hexadecimal, as PostgreSQL prints bytes.
 *
 * @param marks by name
 */
export function findMarks(text: string, marks: Readonly<Record<string, string>>): string[] {
  const small = text.toLowerCase();
  return Object.entries(marks)
    .filter(([, mark]) =>
      spellingsOf(mark).some((spelling) => text.includes(spelling) || small.includes(spelling)),
    )
    .map(([name]) => name);
}
