import { z } from "zod";
import { cursorNumber, cursorOf, encodeCursor } from "@/lib/pagination/cursor";

/** A position in an app's change feed: after one change of a revision. */
export type FeedPosition = { readonly appId: string; readonly revision: number; readonly number: number };

export const encodeFeedCursor = ({ appId, revision, number }: FeedPosition): string =>
  encodeCursor(appId, revision, number);

export const feedCursor = cursorOf(z.uuid(), cursorNumber, cursorNumber).transform(
  ([appId, revision, number]): FeedPosition => ({ appId, revision, number }),
);
