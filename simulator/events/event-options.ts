import { z } from "zod";

/** Ways to spoil a push, all of which a receiver must refuse. */
const CORRUPTIONS = [
  "wrong_aes_key",
  "wrong_token",
  "wrong_owner_key",
  "wrong_length",
  "tampered_message",
  "tampered_signature",
] as const;

const eventOptionsShape = {
  /** Buffered events wait for `releaseEvents`. Dropped ones are put into the failed callbacks without an attempt. */
  delivery: z.enum(["immediate", "buffered", "dropped"]),
  /** Additional copies of each attempt, sent at the same time and equal to the last byte. */
  duplicates: z.number().int().min(0).max(50),
  /** Order of events that happen in one call of the control, and of events that are released together. */
  order: z.enum(["kept", "reversed", "shuffled"]),
  /** Time between an event and its first attempt, by the simulator's clock. */
  delayMs: z.number().int().nonnegative(),
  /** Added to all timestamps of events; negative for events of the past. */
  timestampOffsetMs: z.number().int(),
  /** Applies to attempts that are made while it is set. */
  corruption: z.enum(CORRUPTIONS).nullable(),
  /** Query parameters with the signature. */
  signatureParameters: z.enum(["both", "signature", "msg_signature"]),
  /** Simultaneous unanswered pushes. With 1, pushes arrive in order. */
  concurrency: z.number().int().positive().max(1_000),
  /** Time from the last attempt until the failed callbacks show an event, 3 to 5 minutes in DingTalk. */
  failedAfterMs: z.number().int().nonnegative(),
};

export const eventOptionsPatch = z.strictObject(eventOptionsShape).partial();
export type EventOptionsPatch = z.output<typeof eventOptionsPatch>;
export type EventOptions = z.output<z.ZodObject<typeof eventOptionsShape>>;

export const EVENT_OPTIONS_DEFAULT: EventOptions = {
  delivery: "immediate",
  duplicates: 0,
  order: "kept",
  delayMs: 0,
  timestampOffsetMs: 0,
  corruption: null,
  signatureParameters: "both",
  concurrency: 8,
  failedAfterMs: 180_000,
};
