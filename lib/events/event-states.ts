import { ADDRESS_BOOK_EVENTS } from "@/lib/dingtalk/address-book-events";

// Without zod, because the browser loads this file with the filters.

/** `pending`: to be processed. `handled`: its objects were read again. `stored`: needs no processing. */
export const EVENT_STATES = ["pending", "handled", "failed", "stored"] as const;
export type EventState = (typeof EVENT_STATES)[number];

/** Types that have a text in `messages/` (key `events.type.<type>`). */
export const EVENT_TYPES = [...ADDRESS_BOOK_EVENTS, "suite_ticket"] as const;

/** Hours before now whose events can be processed again. */
export const REPROCESS_HOURS = [1, 6, 24, 168, 720] as const;
