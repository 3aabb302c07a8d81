import { randomBytes } from "node:crypto";

/** A piece of a secret to look for afterwards: letters and figures, so that JSON, HTML and addresses spell it alike. */
export const makeMark = (): string => `m4rk${randomBytes(8).toString("hex")}`;

const GROUP_BYTES = 3;
const GROUP_CHARACTERS = 4;

/** What every base64 text has in it that holds the mark, at one of the three places where it can begin. */
function base64At(mark: string, offset: number): string {
  const text = Buffer.from("\0".repeat(offset) + mark).toString("base64");
  const end = Math.floor((offset + mark.length) / GROUP_BYTES) * GROUP_CHARACTERS;
  // The first group is half the neighbor's, the last one too. Letters and figures never make `+` or `/`.
  return text.slice(offset === 0 ? 0 : GROUP_CHARACTERS, end);
}

/**
 * How a mark may stand in a text: as it is, in base64 of either alphabet, and in hexadecimal, as PostgreSQL shows
 * bytes.
 */
const spellingsOf = (mark: string): string[] => [
  mark,
  Buffer.from(mark).toString("hex"),
  ...[0, 1, 2].map((offset) => base64At(mark, offset)),
];

/**
 * The marks that stand in a text, in any of their spellings. What is found is named and not shown: a report is an
 * output too.
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
