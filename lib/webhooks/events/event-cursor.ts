import { cursorNumber, cursorOf, encodeCursor } from "@/lib/pagination/cursor";
import type { Position } from "./position";

export const eventCursor = cursorOf(cursorNumber, cursorNumber).transform(
  ([sequence, number]): Position => ({ sequence, number }),
);

export const encodeEventCursor = ({ sequence, number }: Position): string => encodeCursor(sequence, number);
