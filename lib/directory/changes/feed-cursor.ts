import { z } from "zod";
import { cursorNumber, cursorOf, encodeCursor } from "@/lib/pagination/cursor";

export type FeedPosition = { readonly appId: string; readonly revision: number; readonly number: number };

export const encodeFeedCursor = ({ appId, revision, number }: FeedPosition): string =>
  encodeCursor(appId, revision, number);

export const feedCursor = cursorOf(z.uuid(), cursorNumber, cursorNumber).transform(
  ([appId, revision, number]): FeedPosition => ({ appId, revision, number }),
);
