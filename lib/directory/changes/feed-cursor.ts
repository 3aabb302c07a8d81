import { z } from "zod";

/** A position in an app's change feed: after one change of a revision. */
export type FeedPosition = { readonly appId: string; readonly revision: number; readonly number: number };

const INT4_MAX = 2 ** 31 - 1;
const CURSOR = /^([0-9a-f-]{36})\.(\d{1,10})\.(\d{1,10})$/;

/** Encodes a position as an opaque cursor, so that clients don't compute with its numbers. */
export const toCursor = ({ appId, revision, number }: FeedPosition): string =>
  Buffer.from(`${appId}.${revision}.${number}`).toString("base64url");

function parseCursor(text: string): FeedPosition | null {
  const [, appId, revision, number] = CURSOR.exec(Buffer.from(text, "base64url").toString()) ?? [];
  const position = { appId: appId ?? "", revision: Number(revision), number: Number(number) };
  const isWhole = [position.revision, position.number].every((one) => one <= INT4_MAX);
  return isWhole && toCursor(position) === text ? position : null;
}

export const feedCursor = z
  .string()
  .max(128)
  .transform((text, context) => {
    const position = parseCursor(text);
    if (position) return position;
    context.addIssue({ code: "custom", message: "is not a cursor of this route" });
    return z.NEVER;
  });
